// SPDX-License-Identifier: Apache-2.0
// What commands print (objects and lists on standard output, errors on standard error), and how they find what they
// work on.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "base/config.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "store/table.h"
#include "wire/socket.h"

static void print_error(const struct admin *admin, struct str text)
{
    struct buf out = {0};
    if (options_has(&admin->options, OPTION_JSON)) {
        jw_open(&out, '{');
        jw_member(&out, "error", text);
        jw_close(&out, '}');
    } else {
        buf_printf(&out, "trace-admin: %.*s", (int)text.n, text.p);
    }
    fprintf(stderr, "%s\n", buf_cstr(&out));
    buf_fini(&out);
}

int admin_wrong(const struct admin *admin, const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    print_error(admin, buf_view(&text));
    buf_fini(&text);
    return ADMIN_WRONG;
}

int admin_outcome(const struct admin *admin, enum store_outcome outcome, const char *missing, const char *conflict)
{
    if (outcome == STORE_NOT_FOUND)
        return admin_wrong(admin, "there is no such %s", missing);
    if (outcome == STORE_CONFLICT)
        return admin_wrong(admin, "%s", conflict);
    // A failure was logged where it was detected.
    return store_has_failed(outcome) ? ADMIN_FAILED : ADMIN_OK;
}

static void print_object(struct buf *out, const struct store_answer *answer)
{
    int width = 0;
    for (int column = 0; column < store_table_columns(answer); column++) {
        int n = (int)utf8_length(str_from(store_table_name(answer, column)));
        width = n > width ? n : width;
    }
    for (int column = 0; column < store_table_columns(answer); column++) {
        struct buf value = {0};
        if (store_table_plain(&value, answer, 0, column))
            buf_printf(out, "%-*s  %s\n", width, store_table_name(answer, column), buf_cstr(&value));
        buf_fini(&value);
    }
}

void admin_print_object(const struct admin *admin, const char *name, const struct store_answer *answer)
{
    struct buf out = {0};
    if (options_has(&admin->options, OPTION_JSON)) {
        jw_open(&out, '{');
        jw_key(&out, name);
        store_table_row(&out, answer, 0);
        jw_close(&out, '}');
        buf_char(&out, '\n');
    } else {
        print_object(&out, answer);
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
}

// Row -1 is the names of the columns.
static void print_table_row(struct buf *out, const struct store_answer *answer, int row)
{
    int columns = store_table_columns(answer);
    for (int column = 0; column < columns; column++) {
        struct buf cell = {0};
        int width = store_table_width(answer, column);
        if (row < 0)
            buf_str(&cell, str_from(store_table_name(answer, column)));
        else
            (void)store_table_plain(&cell, answer, row, column);
        buf_printf(out, "%s%s", column ? "  " : "", buf_cstr(&cell));
        for (int at = (int)utf8_length(buf_view(&cell)); column + 1 < columns && at < width; at++)
            buf_char(out, ' ');
        buf_fini(&cell);
    }
    buf_char(out, '\n');
}

void admin_print_list(const struct admin *admin, const char *name, const struct store_answer *answer)
{
    struct buf out = {0};
    bool as_json = options_has(&admin->options, OPTION_JSON);
    if (as_json) {
        jw_open(&out, '{');
        jw_key(&out, name);
        jw_open(&out, '[');
    }
    for (int row = as_json ? 0 : -1; row < store_answer_rows(answer); row++)
        if (as_json)
            store_table_row(&out, answer, row);
        else
            print_table_row(&out, answer, row);
    if (as_json) {
        jw_close(&out, ']');
        jw_close(&out, '}');
        buf_char(&out, '\n');
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
}

int admin_tell(const struct admin *admin, const char *name, struct store_answer take_answer, const char *missing,
               const char *conflict)
{
    int status = admin_outcome(admin, take_answer.outcome, missing, conflict);
    if (status == ADMIN_OK)
        admin_print_object(admin, name, &take_answer);
    store_answer_fini(&take_answer);
    return status;
}

int admin_tell_list(const struct admin *admin, const char *name, struct store_answer take_answer)
{
    int status = admin_outcome(admin, take_answer.outcome, "", "");
    if (status == ADMIN_OK)
        admin_print_list(admin, name, &take_answer);
    store_answer_fini(&take_answer);
    return status;
}

int admin_workspace(struct admin *admin, char **id)
{
    const char *wanted = admin->options.values[OPTION_WORKSPACE];
    *id = NULL;
    if (!wanted)
        return ADMIN_OK;
    struct store_answer answer = store_admin_find_workspace(admin->pg, wanted);
    int status = answer.outcome == STORE_NOT_FOUND ? admin_wrong(admin, "there is no workspace \"%s\"", wanted)
                                                   : admin_outcome(admin, answer.outcome, "", "");
    if (status == ADMIN_OK)
        *id = mem_dup(store_admin_id(&answer));
    store_answer_fini(&answer);
    return status;
}

struct bus *admin_bus(void)
{
    char longest[UNIX_SOCKET_PATH_SIZE], name[SOCKET_NAME_SIZE];
    (void)config_socket(longest, socket_name(name, SOCKET_HINTS, SOCKET_PUSHERS_MAX));
    return bus_configured();
}
