// SPDX-License-Identifier: Apache-2.0
#include "base/config_table.h"

#include <stdlib.h>
#include "base/buf.h"
#include "base/log.h"

// Returns 0, or -1 after printing what is wrong.
static int take(const char *program, const struct config_row *row, struct config_value *value)
{
    const char *text = getenv(row->name);
    if (!text || (*text == '\0' && !row->fallback))
        text = row->fallback;
    if (!text) {
        fprintf(stderr, "%s: %s is not set: %s\n", program, row->name, row->help);
        return -1;
    }
    value->text = text;
    if (row->kind == CONFIG_NUMBER &&
        (str_to_i64(str_from(text), &value->number) || value->number < row->least || value->number > row->most)) {
        fprintf(stderr, "%s: %s must be a whole number from %lld to %lld, not \"%s\"\n", program, row->name,
                (long long)row->least, (long long)row->most, text);
        return -1;
    }
    if (row->kind == CONFIG_LEVEL) {
        value->number = log_level_named(text);
        if (value->number < 0) {
            fprintf(stderr, "%s: %s must be debug, info, warning or error, not \"%s\"\n", program, row->name, text);
            return -1;
        }
    }
    return 0;
}

int config_table_read(const char *program, const struct config_row *rows, size_t n, struct config_value *values)
{
    int result = 0;
    for (size_t i = 0; i < n; i++)
        if (take(program, &rows[i], &values[i]) != 0)
            result = -1;
    return result;
}

void config_table_print(const struct config_row *rows, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, "# %s\n%s%s=%s\n\n", rows[i].help, rows[i].fallback ? "#" : "", rows[i].name,
                rows[i].fallback ? rows[i].fallback : "");
}
