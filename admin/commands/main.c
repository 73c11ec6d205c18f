// trace-admin: what an operator does to the database of Agent Trace from a shell. One command a run; the sweeper, which
// goes on for ever, is one of them. Exit status 0, 2 for wrong input, 1 for what failed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/commands/command.h"
#include "lib/config.h"

static const struct command commands[] = {
    {"migrate", NULL, 0, OPTION(FROM) | OPTION(APP_ROLE), "Brings the schema of the database up to date.",
     command_migrate},
    {"create-workspace", "NAME", 0, 0, "Makes a workspace with the public channel #general.", command_create_workspace},
    {"create-user", "EMAIL", OPTION(WORKSPACE) | OPTION(NAME), OPTION(ADMIN) | OPTION(SLUG) | OPTION(AVATAR),
     "Makes an account, the password on standard input (at least 8 characters), or adds who has one to the workspace.",
     command_create_user},
    {"create-persona", "NAME", OPTION(WORKSPACE), OPTION(DESCRIPTION) | OPTION(AVATAR) | OPTION(SLUG) | OPTION(DEMO),
     "Makes a persona: an agent's face.", command_create_persona},
    {"create-channel", "NAME", OPTION(WORKSPACE), OPTION(PRIVATE), "Makes a channel.", command_create_channel},
    {"create-token", NULL, OPTION(WORKSPACE) | OPTION(PERSONA) | OPTION(SCOPE), 0,
     "Makes a program's credential and prints its secret, which is shown only now.", command_create_token},
    {"list-tokens", NULL, 0, OPTION(WORKSPACE), "Lists credentials, the revoked ones too.", command_list_tokens},
    {"revoke-token", "ID", 0, 0, "Ends a credential and the live streams that it opened.", command_revoke_token},
    {"add-member", NULL, OPTION(STREAM), OPTION(USER) | OPTION(PERSONA) | OPTION(WORKSPACE),
     "Lets a person or a persona into a channel.", command_add_member},
    {"remove-member", NULL, OPTION(STREAM), OPTION(USER) | OPTION(PERSONA) | OPTION(WORKSPACE),
     "Takes a person or a persona out of a channel and ends their live streams.", command_remove_member},
    {"list", "WHAT", 0, OPTION(WORKSPACE), "Lists workspaces, users, personas or channels.", command_list},
    {"sweep", NULL, 0, OPTION(EVERY),
     "Ends sessions that have fallen silent or that nobody took, and deletes expired sign-ins.", command_sweep},
    {"prune", NULL, OPTION(OLDER_THAN), OPTION(WORKSPACE),
     "Deletes the steps of sessions that ended before; sessions and conversations stay.", command_prune},
    {"import", "FILE", OPTION(WORKSPACE), 0,
     "Reads people, channels and messages from lines of JSON; what is there already stays as it is.", command_import},
    {"config", NULL, 0, 0, "Prints every key of the configuration as a sample environment file.", command_config},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_commands(FILE *out)
{
    fprintf(out, "usage: trace-admin COMMAND …\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-17s %-6s %s\n", commands[i].name, commands[i].argument ? commands[i].argument : "",
                commands[i].help);
    fprintf(out, "\ntrace-admin COMMAND --help tells its options. The database is TRACE_DATABASE_URL, or DATABASE_URL "
                 "where that is unset.\n");
}

static const struct command *find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

// The programs' environment file and an operator's shell name the same thing differently.
static void adopt_database_url(void)
{
    const char *url = getenv("DATABASE_URL");
    if (url && setenv("TRACE_DATABASE_URL", url, 0))
        abort();
}

static int run(const struct command *command, struct admin *admin)
{
    if (command->run == command_config)
        return command_config(admin);
    adopt_database_url();
    config_init("trace-admin");
    admin->pg = pg_new(config_text(CONFIG_DATABASE_URL), "trace-admin");
    int status = command->run(admin);
    pg_free(admin->pg);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return ADMIN_WRONG;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_commands(stdout);
        return fflush(stdout) ? ADMIN_FAILED : ADMIN_OK;
    }
    const struct command *command = find(argv[1]);
    if (!command) {
        fprintf(stderr, "trace-admin: there is no command \"%s\"; trace-admin --help lists them\n", argv[1]);
        return ADMIN_WRONG;
    }
    struct admin admin = {0};
    if (options_read(&admin.options, command, argc - 2, argv + 2))
        return ADMIN_WRONG;
    int status = ADMIN_OK;
    if (options_has(&admin.options, OPTION_HELP))
        options_print(stdout, command);
    else
        status = run(command, &admin);
    if (fflush(stdout) && status == ADMIN_OK) {
        perror("trace-admin: standard output");
        status = ADMIN_FAILED;
    }
    return status;
}
