// The command line behind the command's name: one table of all options, of which each command takes some.
#ifndef ADMIN_COMMANDS_OPTIONS_H
#define ADMIN_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "lib/must.h"

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
    OPTION_EVERY,
    OPTION_OLDER_THAN,
    OPTION_JSON,
    OPTION_HELP,
    OPTION__MAX
};

#define OPTION(name) (1U << OPTION_##name)

struct options {
    const char *argument;
    const char *values[OPTION__MAX]; // NULL: not given; of a flag: its name
};

struct command;

// Reads `argv` behind the command's name. 0, or -1 after saying what is wrong.
MUST_USE int options_read(struct options *options, const struct command *command, int argc, char **argv);

static inline bool options_has(const struct options *options, enum option option)
{
    return options->values[option] != NULL;
}

// "usage: …" and a line for each option that the command takes.
void options_print(FILE *out, const struct command *command);

#endif
