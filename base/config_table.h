// SPDX-License-Identifier: Apache-2.0
// A table of configuration keys: reading it from the environment and printing it. The programs of the server share one
// table (base/config.c); a program with settings of its own (agent/settings.c) has another.
#ifndef BASE_CONFIG_TABLE_H
#define BASE_CONFIG_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "base/must.h"

enum config_kind { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_LEVEL };

struct config_row {
    const char *name;
    enum config_kind kind;
    const char *fallback; // NULL: must be given
    int64_t least, most;  // of a CONFIG_NUMBER
    const char *help;
};

// `text` belongs to the environment or to the table; `number` is that of a CONFIG_NUMBER or a CONFIG_LEVEL.
struct config_value {
    const char *text;
    int64_t number;
};

// Fills values[0…n-1] in the order of the rows. -1 after one line on standard error for each value that is wrong or
// missing. An empty value counts as missing only where there is no fallback.
MUST_USE int config_table_read(const char *program, const struct config_row *rows, size_t n,
                               struct config_value *values);

// One key a paragraph, in the form of an environment file.
void config_table_print(const struct config_row *rows, size_t n, FILE *out);

#endif
