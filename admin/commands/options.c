// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/options.h"

#include <string.h>
#include "admin/commands/command.h"
#include "base/utf8.h"

static const struct known {
    const char *name;
    const char *value; // NULL: a flag
    const char *help;
} known[OPTION__MAX] = {
    [OPTION_WORKSPACE] = {"--workspace", "W", "its id or name"},
    [OPTION_NAME] = {"--name", "NAME", "as people see it"},
    [OPTION_SLUG] = {"--slug", "SLUG", "the name to type after @; derived from the name by default"},
    [OPTION_AVATAR] = {"--avatar", "TEXT", "one or two letters or an emoji; the initials by default"},
    [OPTION_DESCRIPTION] = {"--description", "TEXT", "one line about the persona"},
    [OPTION_PERSONA] = {"--persona", "P", "a persona's id or slug"},
    [OPTION_USER] = {"--user", "U", "a person's id or e-mail address"},
    [OPTION_STREAM] = {"--stream", "S", "a stream's id, or #name of a channel"},
    [OPTION_SCOPE] = {"--scope", "LIST", "comma-separated: read, sessions:write, messages:write, scores:write, ingest"},
    [OPTION_ADMIN] = {"--admin", NULL, "may end any session of the workspace"},
    [OPTION_DEMO] = {"--demo", NULL, "answered by the built-in demo model"},
    [OPTION_PRIVATE] = {"--private", NULL, "readable by its members only"},
    [OPTION_FROM] = {"--from", "DIR", "folder of the NNNN_*.sql files instead of the installed one"},
    [OPTION_APP_ROLE] = {"--app-role", "NAME",
                         "role of the programs, which is granted reading and writing; trace_app "
                         "if absent and there is one"},
    [OPTION_ACCESS] = {"--access", "keep|revoke",
                       "what becomes of sign-ins and tokens, among which are those that ended after the backup"},
    [OPTION_EMAIL] = {"--email", "ADDRESS", "the new e-mail address"},
    [OPTION_ROLE] = {"--role", "ROLE", "admin or member"},
    [OPTION_LABEL] = {"--label", "TEXT", "what the token is for"},
    [OPTION_URL] = {"--url", "URL", "where the webhook is delivered"},
    [OPTION_EVENT] = {"--event", "LIST",
                      "comma-separated: session.completed, session.failed, session.decision_needed; all by default"},
    [OPTION_EXPIRES] = {"--expires", "TIME",
                        "ends by itself after that time, such as 90d; by default never, or when the replaced one does"},
    [OPTION_OVERLAP] = {"--overlap", "TIME", "how long the old one stays valid, such as 24h; 1d by default"},
    [OPTION_LIMIT] = {"--limit", "N", "the newest so many; 100 by default"},
    [OPTION_EVERY] = {"--every", "SECONDS", "repeat every so many seconds; once by default"},
    [OPTION_OLDER_THAN] = {"--older-than", "TIME", "such as 90d, 36h"},
    [OPTION_MODEL] = {"--model", "NAME", "a model, as its server calls it"},
    [OPTION_INPUT] = {"--input", "USD", "US dollars for a million tokens"},
    [OPTION_OUTPUT] = {"--output", "USD", "likewise, of what the model writes"},
    [OPTION_CACHE_READ] = {"--cache-read", "USD", "likewise, of input that the cache had; as other input by default"},
    [OPTION_CACHE_WRITE] = {"--cache-write", "USD", "likewise, of input that went into the cache"},
    [OPTION_FILE] = {"--file", "FILE", "a file like conf/prices.json; that of this release by default"},
    [OPTION_PATTERN] = {"--pattern", "RE", "a regular expression of RE2: no back references, no look-around"},
    [OPTION_DAYS] = {"--days", "N", "1 to 36500, or forever"},
    [OPTION_HOLD] = {"--hold", "yes|no", "keep everything, whatever the days are; no by default"},
    [OPTION_TEXTS] = {"--texts", NULL, "and everything they wrote, unless a hold keeps it"},
    [OPTION_JSON] = {"--json", NULL, "print JSON"},
    [OPTION_HELP] = {"--help", NULL, "print this help"},
};

static enum option find(const char *name, size_t n)
{
    int option = 0;
    while (option < OPTION__MAX && (strlen(known[option].name) != n || memcmp(known[option].name, name, n) != 0))
        option++;
    return (enum option)option;
}

// Takes one argument, or two if the option's value is the next one. Returns how many, or 0 after printing what is
// wrong.
static int take(struct options *options, const struct command *command, int argc, char **argv)
{
    uint64_t allowed = command->required | command->optional | OPTION(JSON) | OPTION(HELP);
    const char *equals = strchr(argv[0], '=');
    size_t n = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
    enum option option = find(argv[0], n);
    if (option == OPTION__MAX || !(allowed & UINT64_C(1) << option)) {
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
        if ((command->required & UINT64_C(1) << option) && !options->values[option]) {
            fprintf(stderr, "trace-admin %s: %s %s is missing\n", command->name, known[option].name,
                    known[option].value);
            return -1;
        }
    return 0;
}

int options_check(const struct options *options, const char *command, const char *action, uint64_t required,
                  uint64_t allowed)
{
    for (int option = 0; option < OPTION_JSON; option++) {
        bool is_given = options->values[option], is_allowed = allowed & UINT64_C(1) << option;
        bool is_needed = required & UINT64_C(1) << option;
        if (is_given == is_needed || (is_given && is_allowed))
            continue;
        fprintf(stderr, "trace-admin %s %s: %s %s\n", command, action, known[option].name,
                is_given ? "does not go with it" : "is missing");
        return -1;
    }
    return 0;
}

void options_print(FILE *out, const struct command *command)
{
    uint64_t allowed = command->required | command->optional | OPTION(JSON);
    fprintf(out, "usage: trace-admin %s", command->name);
    if (command->argument)
        fprintf(out, " %s", command->argument);
    for (int option = 0; option < OPTION__MAX; option++)
        if (allowed & UINT64_C(1) << option) {
            bool needed = command->required & UINT64_C(1) << option;
            fprintf(out, needed ? " %s%s%s" : " [%s%s%s]", known[option].name, known[option].value ? " " : "",
                    known[option].value ? known[option].value : "");
        }
    fprintf(out, "\n%s\n\n", command->help);
    for (int option = 0; option < OPTION__MAX; option++)
        if (allowed & UINT64_C(1) << option)
            fprintf(out, "  %-13s %-8s %s\n", known[option].name, known[option].value ? known[option].value : "",
                    known[option].help);
}
