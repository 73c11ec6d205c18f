// SPDX-License-Identifier: Apache-2.0
// trace-admin's commands: what a command is, what it is given, and how it answers. The table of commands and the
// options are in main.c and options.c; SQL is in store/admin*.c.
#ifndef ADMIN_COMMANDS_COMMAND_H
#define ADMIN_COMMANDS_COMMAND_H

#include <stdbool.h>
#include "admin/commands/options.h"
#include "store/admin.h"
#include "wire/bus.h"

// The exit status.
enum { ADMIN_OK = 0, ADMIN_FAILED = 1, ADMIN_WRONG = 2 };

struct admin {
    struct pg *pg; // connects at the first statement
    struct options options;
    struct buf actor; // see admin_actor
};

struct command {
    const char *name;
    const char *argument; // "NAME": exactly one is required; NULL: none
    uint64_t required;    // sets of OPTION(…)
    uint64_t optional;
    const char *help;
    int (*run)(struct admin *admin);
};

// Prints what is wrong on standard error (as {"error":…} with --json) and returns ADMIN_WRONG.
int admin_wrong(const struct admin *admin, const char *format, ...) PRINTF_LIKE(2, 3);

// What a command returns after a store function: ADMIN_OK, or the status of what went wrong, which has been said to the
// operator by then. `missing` completes the sentence for STORE_NOT_FOUND; `conflict` is the one for STORE_CONFLICT.
int admin_outcome(const struct admin *admin, enum store_outcome outcome, const char *missing, const char *conflict);

// Prints the first row as an object under `name`, or all rows as a list. With --json as JSON, else one line a value, or
// a table.
void admin_print_object(const struct admin *admin, const char *name, const struct store_answer *answer);
void admin_print_list(const struct admin *admin, const char *name, const struct store_answer *answer);

// The same with what the store has answered: prints it, or what is wrong (as admin_outcome() says it), and ends it. The
// exit status.
MUST_USE int admin_tell(const struct admin *admin, const char *name, struct store_answer take_answer,
                        const char *missing, const char *conflict);
MUST_USE int admin_tell_list(const struct admin *admin, const char *name, struct store_answer take_answer);

// Who runs the command, for the audit log: "shell:" and the user's name, that of before sudo.
const char *admin_actor(struct admin *admin);

// Finds the workspace that --workspace names; the caller frees *id, which is NULL where the option is not given: the
// table of commands says which need it. Returns ADMIN_OK, or the status after printing what is wrong.
MUST_USE int admin_workspace(struct admin *admin, char **id);

// Lists what there is in the workspace of --workspace, or in all.
MUST_USE int admin_list(struct admin *admin, enum store_admin_list what, const char *name);

// The way to the pushers of this machine, for commands that tell them something; bus_free() it. Exits where the
// directory of the sockets has too long a name.
MUST_USE struct bus *admin_bus(void);

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
int command_create_webhook(struct admin *admin);
int command_list_webhooks(struct admin *admin);
int command_remove_webhook(struct admin *admin);
int command_sweep(struct admin *admin);
int command_prices(struct admin *admin);
int command_prune(struct admin *admin);
int command_import(struct admin *admin);
int command_after_restore(struct admin *admin);
int command_set_password(struct admin *admin);
int command_sign_out(struct admin *admin);
int command_deactivate(struct admin *admin);
int command_activate(struct admin *admin);
int command_rename_user(struct admin *admin);
int command_set_role(struct admin *admin);
int command_export_user(struct admin *admin);
int command_erase_user(struct admin *admin);
int command_audit(struct admin *admin);
int command_rotate_token(struct admin *admin);
int command_config(struct admin *admin);
int command_redaction(struct admin *admin);
int command_retention(struct admin *admin);

#endif
