// trace-admin's commands: what a command is, what it is given, and how it answers. The table of commands and the
// options are in main.c and options.c; SQL is in lib/store_admin*.c.
#ifndef ADMIN_COMMANDS_COMMAND_H
#define ADMIN_COMMANDS_COMMAND_H

#include <stdbool.h>
#include "admin/commands/options.h"
#include "lib/pg.h"
#include "lib/store_admin.h"

// The exit status.
enum { ADMIN_OK = 0, ADMIN_FAILED = 1, ADMIN_WRONG = 2 };

struct admin {
    struct pg *pg; // connects at the first statement
    struct options options;
};

struct command {
    const char *name;
    const char *argument; // "NAME": exactly one is required; NULL: none
    unsigned required;    // sets of OPTION(…)
    unsigned optional;
    const char *help;
    int (*run)(struct admin *admin);
};

// Says what is wrong on standard error (as {"error":…} with --json) and returns ADMIN_WRONG.
int admin_wrong(const struct admin *admin, const char *format, ...) PRINTF_LIKE(2, 3);

// What to return after a store function: ADMIN_OK, or what went wrong, said if the database has not said it yet.
// `missing` and `conflict` complete the sentence for STORE_NOT_FOUND and STORE_CONFLICT.
int admin_outcome(const struct admin *admin, enum store_outcome outcome, const char *missing, const char *conflict);

// Prints the first row as an object under `name`, or all rows as a list. With --json as JSON, else one line a value, or
// a table.
void admin_print_object(const struct admin *admin, const char *name, const PGresult *rows);
void admin_print_list(const struct admin *admin, const char *name, const PGresult *rows);

// The id of the workspace that --workspace names, in *id, which the caller frees. ADMIN_OK, or said.
MUST_USE int admin_workspace(struct admin *admin, char **id);

// Lists what there is in the workspace of --workspace, or in all.
MUST_USE int admin_list(struct admin *admin, enum store_admin_list what, const char *name);

int command_migrate(struct admin *admin);
int command_create_workspace(struct admin *admin);
int command_create_user(struct admin *admin);
int command_create_persona(struct admin *admin);
int command_create_channel(struct admin *admin);
int command_create_token(struct admin *admin);
int command_list_tokens(struct admin *admin);
int command_revoke_token(struct admin *admin);
int command_add_member(struct admin *admin);
int command_remove_member(struct admin *admin);
int command_list(struct admin *admin);
int command_sweep(struct admin *admin);
int command_prune(struct admin *admin);
int command_import(struct admin *admin);
int command_config(struct admin *admin);

#endif
