// How commands answer: objects and lists on standard output, what is wrong on standard error.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "lib/jw.h"
#include "lib/pg_json.h"

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
    switch (outcome) {
    case STORE_OK:
        return ADMIN_OK;
    case STORE_NOT_FOUND:
        return admin_wrong(admin, "there is no such %s", missing);
    case STORE_CONFLICT:
        return admin_wrong(admin, "%s", conflict);
    case STORE_DOWN:
        break;
    }
    return ADMIN_FAILED; // logged where it was detected
}

void admin_print_object(const struct admin *admin, const char *name, const PGresult *rows)
{
    struct buf out = {0};
    if (options_has(&admin->options, OPTION_JSON)) {
        jw_open(&out, '{');
        jw_key(&out, name);
        pg_json_row(&out, rows, 0);
        jw_close(&out, '}');
        buf_char(&out, '\n');
    } else {
        int width = 0;
        for (int column = 0; column < pg_json_columns(rows); column++) {
            int n = pg_json_cell_width(str_from(pg_json_name(rows, column)));
            width = n > width ? n : width;
        }
        for (int column = 0; column < pg_json_columns(rows); column++) {
            if (pg_is_null(rows, 0, column))
                continue;
            buf_printf(&out, "%-*s  ", width, pg_json_name(rows, column));
            pg_json_plain(&out, rows, 0, column);
            buf_char(&out, '\n');
        }
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
}

static void print_table(struct buf *out, const PGresult *rows)
{
    int columns = pg_json_columns(rows), n = pg_json_rows(rows);
    for (int row = -1; row < n; row++) {
        for (int column = 0; column < columns; column++) {
            struct buf cell = {0};
            int width = pg_json_width(rows, column);
            if (row < 0)
                buf_str(&cell, str_from(pg_json_name(rows, column)));
            else
                pg_json_plain(&cell, rows, row, column);
            buf_printf(out, "%s%s", column ? "  " : "", buf_cstr(&cell));
            for (int at = pg_json_cell_width(buf_view(&cell)); column + 1 < columns && at < width; at++)
                buf_char(out, ' ');
            buf_fini(&cell);
        }
        buf_char(out, '\n');
    }
}

void admin_print_list(const struct admin *admin, const char *name, const PGresult *rows)
{
    struct buf out = {0};
    if (options_has(&admin->options, OPTION_JSON)) {
        jw_open(&out, '{');
        jw_key(&out, name);
        jw_open(&out, '[');
        for (int row = 0; row < pg_json_rows(rows); row++)
            pg_json_row(&out, rows, row);
        jw_close(&out, ']');
        jw_close(&out, '}');
        buf_char(&out, '\n');
    } else {
        print_table(&out, rows);
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
}

int admin_workspace(struct admin *admin, char **id)
{
    const char *wanted = admin->options.values[OPTION_WORKSPACE];
    PGresult *rows = NULL;
    *id = NULL;
    enum store_outcome outcome = store_admin_find_workspace(admin->pg, wanted, &rows);
    if (outcome == STORE_OK)
        *id = mem_dup(pg_str(rows, 0, 0));
    PQclear(rows);
    if (outcome == STORE_NOT_FOUND)
        return admin_wrong(admin, "there is no workspace \"%s\"", wanted);
    return admin_outcome(admin, outcome, "workspace", "");
}
