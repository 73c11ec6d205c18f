#include "admin/commands/options.h"

#include <string.h>
#include "admin/commands/command.h"
#include "lib/utf8.h"

static const struct known {
    const char *name;
    const char *value; // NULL: a flag
    const char *help;
} known[OPTION__MAX] = {
    [OPTION_WORKSPACE] = {"--workspace", "W", "its id or name"},
    [OPTION_NAME] = {"--name", "NAME", "as people see it"},
    [OPTION_SLUG] = {"--slug", "SLUG", "what one types after @; made from the name if absent"},
    [OPTION_AVATAR] = {"--avatar", "TEXT", "one or two letters or an emoji; initials if absent"},
    [OPTION_DESCRIPTION] = {"--description", "TEXT", "one line about the persona"},
    [OPTION_PERSONA] = {"--persona", "P", "a persona's id or slug"},
    [OPTION_USER] = {"--user", "U", "a person's id or e-mail address"},
    [OPTION_STREAM] = {"--stream", "S", "a stream's id, or #name of a channel"},
    [OPTION_SCOPE] = {"--scope", "LIST", "comma-separated: read, sessions:write, messages:write"},
    [OPTION_ADMIN] = {"--admin", NULL, "may end any session of the workspace"},
    [OPTION_DEMO] = {"--demo", NULL, "answered by the built-in demo model"},
    [OPTION_PRIVATE] = {"--private", NULL, "readable by its members only"},
    [OPTION_FROM] = {"--from", "DIR", "directory of the NNNN_*.sql files instead of the installed one"},
    [OPTION_APP_ROLE] = {"--app-role", "NAME",
                         "role of the programs, which is granted reading and writing; trace_app "
                         "if absent and there is one"},
    [OPTION_EVERY] = {"--every", "SECONDS", "goes on for ever; once if absent"},
    [OPTION_OLDER_THAN] = {"--older-than", "TIME", "such as 90d, 36h"},
    [OPTION_JSON] = {"--json", NULL, "prints JSON"},
    [OPTION_HELP] = {"--help", NULL, "prints this"},
};

static enum option find(const char *name, size_t n)
{
    int option = 0;
    while (option < OPTION__MAX && (strlen(known[option].name) != n || memcmp(known[option].name, name, n) != 0))
        option++;
    return (enum option)option;
}

// One argument, or two if the option's value is the next one; returns how many, 0 after saying what is wrong.
static int take(struct options *options, const struct command *command, int argc, char **argv)
{
    unsigned allowed = command->required | command->optional | OPTION(JSON) | OPTION(HELP);
    const char *equals = strchr(argv[0], '=');
    size_t n = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
    enum option option = find(argv[0], n);
    if (option == OPTION__MAX || !(allowed & 1U << option)) {
        fprintf(stderr, "trace-admin %s: there is no option %.*s\n", command->name, (int)n, argv[0]);
        return 0;
    }
    const char *value = known[option].name;
    int used = 1;
    if (known[option].value && equals) {
        value = equals + 1;
    } else if (known[option].value && argc > 1) {
        value = argv[1];
        used = 2;
    } else if (known[option].value || equals) {
        fprintf(stderr, "trace-admin %s: %s takes %s\n", command->name, known[option].name,
                known[option].value ? known[option].value : "no value");
        return 0;
    }
    if (options->values[option] && known[option].value) {
        fprintf(stderr, "trace-admin %s: %s is given twice\n", command->name, known[option].name);
        return 0;
    }
    options->values[option] = value;
    return used;
}

int options_read(struct options *options, const struct command *command, int argc, char **argv)
{
    *options = (struct options){0};
    for (int at = 0; at < argc;) {
        if (!utf8_valid(str_from(argv[at]))) {
            fprintf(stderr, "trace-admin %s: the arguments are not UTF-8\n", command->name);
            return -1;
        }
        if (strncmp(argv[at], "--", 2) == 0 && argv[at][2] != '\0') {
            int used = take(options, command, argc - at, argv + at);
            if (!used)
                return -1;
            at += used;
            continue;
        }
        if (!command->argument || options->argument) {
            fprintf(stderr, "trace-admin %s: \"%s\" is one argument too many\n", command->name, argv[at]);
            return -1;
        }
        options->argument = argv[at++];
    }
    if (options_has(options, OPTION_HELP))
        return 0;
    if (command->argument && !options->argument) {
        fprintf(stderr, "trace-admin %s: %s is missing\n", command->name, command->argument);
        return -1;
    }
    for (int option = 0; option < OPTION__MAX; option++)
        if ((command->required & 1U << option) && !options->values[option]) {
            fprintf(stderr, "trace-admin %s: %s %s is missing\n", command->name, known[option].name,
                    known[option].value);
            return -1;
        }
    return 0;
}

void options_print(FILE *out, const struct command *command)
{
    unsigned allowed = command->required | command->optional | OPTION(JSON);
    fprintf(out, "usage: trace-admin %s", command->name);
    if (command->argument)
        fprintf(out, " %s", command->argument);
    for (int option = 0; option < OPTION__MAX; option++)
        if (allowed & 1U << option) {
            bool needed = command->required & 1U << option;
            fprintf(out, needed ? " %s%s%s" : " [%s%s%s]", known[option].name, known[option].value ? " " : "",
                    known[option].value ? known[option].value : "");
        }
    fprintf(out, "\n%s\n\n", command->help);
    for (int option = 0; option < OPTION__MAX; option++)
        if (allowed & 1U << option)
            fprintf(out, "  %-13s %-8s %s\n", known[option].name, known[option].value ? known[option].value : "",
                    known[option].help);
}
