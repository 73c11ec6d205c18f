// SPDX-License-Identifier: Apache-2.0
// trace-admin: the operator's tool for the database of Agent Trace. One run is one command; the sweeper, which runs
// until it is stopped, is one of them. The exit status is 0, 1 after a failure, or 2 for wrong input.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/commands/command.h"
#include "base/config.h"
#include "store/epoch.h"
#include "store/pg.h"
#include "base/version.h"

static const struct command commands[] = {
    {"migrate", NULL, 0, OPTION(FROM) | OPTION(APP_ROLE), "Brings the schema of the database up to date.",
     command_migrate},
    {"create-workspace", "NAME", 0, 0, "Creates a workspace with the public channel #general.",
     command_create_workspace},
    {"create-user", "EMAIL", OPTION(WORKSPACE) | OPTION(NAME), OPTION(ADMIN) | OPTION(SLUG) | OPTION(AVATAR),
     "Creates an account, with the password on standard input (at least 8 bytes), or adds an existing account to the "
     "workspace.",
     command_create_user},
    {"create-persona", "NAME", OPTION(WORKSPACE), OPTION(DESCRIPTION) | OPTION(AVATAR) | OPTION(SLUG) | OPTION(DEMO),
     "Creates a persona, the identity of an agent.", command_create_persona},
    {"create-channel", "NAME", OPTION(WORKSPACE), OPTION(PRIVATE), "Creates a channel.", command_create_channel},
    {"set-password", "USER", 0, 0,
     "Sets a person's password, read from standard input, and ends all of their sign-ins.", command_set_password},
    {"sign-out-everywhere", "USER", 0, 0, "Ends all sign-ins of a person and their live streams.", command_sign_out},
    {"deactivate", "USER", 0, 0, "Signs a person out and lets them sign in no more; what they wrote stays.",
     command_deactivate},
    {"activate", "USER", 0, 0, "Lets a person who was deactivated sign in again.", command_activate},
    {"rename-user", "USER", 0, OPTION(NAME) | OPTION(EMAIL), "Changes a person's name or e-mail address.",
     command_rename_user},
    {"set-role", "USER", OPTION(WORKSPACE) | OPTION(ROLE), 0, "Makes a person an admin of the workspace, or a member.",
     command_set_role},
    {"export-user", "USER", 0, 0, "Prints all that is kept about a person and all that they wrote, as JSON.",
     command_export_user},
    {"erase-user", "USER", 0, OPTION(TEXTS),
     "Erases a person's name, address, picture and password for good; what they wrote stays, by a deleted person.",
     command_erase_user},
    {"audit", NULL, 0, OPTION(WORKSPACE) | OPTION(LIMIT), "Lists who did what to whom, the newest first.",
     command_audit},
    {"rotate-token", "ID", 0, OPTION(OVERLAP) | OPTION(EXPIRES),
     "Creates a token like that one and prints its secret; the old one ends after an overlap.", command_rotate_token},
    {"create-token", NULL, OPTION(WORKSPACE) | OPTION(PERSONA) | OPTION(SCOPE), OPTION(LABEL) | OPTION(EXPIRES),
     "Creates a credential for a program and prints its secret, which is never shown again.", command_create_token},
    {"list-tokens", NULL, 0, OPTION(WORKSPACE), "Lists credentials, including revoked ones.", command_list_tokens},
    {"revoke-token", "ID", 0, 0, "Revokes a credential and ends the live streams that it opened.",
     command_revoke_token},
    {"create-webhook", NULL, OPTION(WORKSPACE) | OPTION(USER) | OPTION(URL), OPTION(EVENT),
     "Tells another service of sessions that the person may read, and prints the secret of its signatures.",
     command_create_webhook},
    {"list-webhooks", NULL, 0, OPTION(WORKSPACE), "Lists webhooks, without their secrets.", command_list_webhooks},
    {"remove-webhook", "ID", 0, 0, "Removes a webhook with what is still to be delivered.", command_remove_webhook},
    {"add-member", NULL, OPTION(STREAM), OPTION(USER) | OPTION(PERSONA) | OPTION(WORKSPACE),
     "Adds a person or a persona to a channel.", command_add_member},
    {"remove-member", NULL, OPTION(STREAM), OPTION(USER) | OPTION(PERSONA) | OPTION(WORKSPACE),
     "Removes a person or a persona from a channel and ends their live streams.", command_remove_member},
    {"list", "WHAT", 0, OPTION(WORKSPACE), "Lists workspaces, users, personas or channels.", command_list},
    {"sweep", NULL, 0, OPTION(EVERY),
     "Ends sessions that have fallen silent or that nobody picked up, and deletes expired sign-ins.", command_sweep},
    {"prune", NULL, OPTION(OLDER_THAN), OPTION(WORKSPACE),
     "Deletes the steps of sessions that ended long ago; sessions and conversations stay.", command_prune},
    {"prices", "ACTION", 0,
     OPTION(WORKSPACE) | OPTION(MODEL) | OPTION(INPUT) | OPTION(OUTPUT) | OPTION(CACHE_READ) | OPTION(CACHE_WRITE) |
         OPTION(FILE),
     "Lists, sets, removes or imports what models cost, or recomputes the costs of steps: list, set, remove, import, "
     "recompute.",
     command_prices},
    {"redaction", "WHAT", OPTION(WORKSPACE), OPTION(NAME) | OPTION(PATTERN),
     "list, set or remove: what is taken out of texts before they are kept.", command_redaction},
    {"retention", "WHAT", OPTION(WORKSPACE), OPTION(STREAM) | OPTION(DAYS) | OPTION(HOLD),
     "list, set or clear: for how long the steps of ended sessions are kept, and what is held.", command_retention},
    {"after-restore", NULL, OPTION(ACCESS), 0,
     "Makes a database that was restored from a backup one of its own; until then programs refuse to work with it.",
     command_after_restore},
    {"import", "FILE", OPTION(WORKSPACE), 0,
     "Imports people, channels and messages from lines of JSON; existing ones stay as they are.", command_import},
    {"config", NULL, 0, 0, "Prints every key of the configuration as a sample environment file.", command_config},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_commands(FILE *out)
{
    fprintf(out, "usage: trace-admin COMMAND …\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-19s %-6s %s\n", commands[i].name, commands[i].argument ? commands[i].argument : "",
                commands[i].help);
    fprintf(out, "\nRun trace-admin COMMAND --help for its options. The database is given by TRACE_DATABASE_URL or, if "
                 "that is unset, by DATABASE_URL.\n");
}

static const struct command *find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

// Nobody waits in front of a screen for the statement of a command; it has more time than those of requests.
enum { DEADLINE_MS = 10200 };

// The programs' environment file and an operator's shell have different names for the same thing.
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
    // A migration takes as long as its tables are large, and so does looking for a name; costs take as long as a
    // session is.
    bool is_long =
        command->run == command_migrate || command->run == command_prices || command->run == command_erase_user;
    int64_t deadline_ms = is_long ? 0 : DEADLINE_MS;
    admin->pg = pg_new(config_text(CONFIG_DATABASE_URL), "trace-admin", deadline_ms);
    if (command->run == command_after_restore)
        store_epoch_allow_copy();
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
    if (version_answered("trace-admin", argc, argv))
        return fflush(stdout) ? ADMIN_FAILED : ADMIN_OK;
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
    buf_fini(&admin.actor);
    if (fflush(stdout) && status == ADMIN_OK) {
        perror("trace-admin: standard output");
        status = ADMIN_FAILED;
    }
    return status;
}
