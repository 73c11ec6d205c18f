// SPDX-License-Identifier: Apache-2.0
// The command line after the command's name: one table of all options, of which each command takes some.
#ifndef ADMIN_COMMANDS_OPTIONS_H
#define ADMIN_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/must.h"

enum option {
    OPTION_WORKSPACE,
    OPTION_NAME,
    OPTION_SLUG,
    OPTION_AVATAR,
    OPTION_DESCRIPTION,
    OPTION_PERSONA,
    OPTION_USER,
    OPTION_STREAM,
    OPTION_SCOPE,
    OPTION_ADMIN,
    OPTION_DEMO,
    OPTION_PRIVATE,
    OPTION_FROM,
    OPTION_APP_ROLE,
    OPTION_ACCESS,
    OPTION_EMAIL,
    OPTION_ROLE,
    OPTION_LABEL,
    OPTION_URL,
    OPTION_EVENT,
    OPTION_EXPIRES,
    OPTION_OVERLAP,
    OPTION_LIMIT,
    OPTION_EVERY,
    OPTION_OLDER_THAN,
    OPTION_MODEL,
    OPTION_INPUT,
    OPTION_OUTPUT,
    OPTION_CACHE_READ,
    OPTION_CACHE_WRITE,
    OPTION_FILE,
    OPTION_PATTERN,
    OPTION_DAYS,
    OPTION_HOLD,
    OPTION_TEXTS,
    OPTION_JSON,
    OPTION_HELP,
    OPTION__MAX
};

#define OPTION(name) (UINT64_C(1) << OPTION_##name)

struct options {
    const char *argument;
    const char *values[OPTION__MAX]; // NULL: not given; of a flag: its name
};

struct command;

// Reads `argv` after the command's name. Returns 0, or -1 after printing what is wrong.
MUST_USE int options_read(struct options *options, const struct command *command, int argc, char **argv);

// For a command whose argument is what it does: whether all of `required` and none but `allowed` were given, besides
// those of every command. Returns 0, or -1 after printing what is wrong.
MUST_USE int options_check(const struct options *options, const char *command, const char *action, uint64_t required,
                           uint64_t allowed);

static inline bool options_has(const struct options *options, enum option option)
{
    return options->values[option] != NULL;
}

// "usage: …" and a line for each option that the command takes.
void options_print(FILE *out, const struct command *command);

#endif
