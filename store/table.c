// SPDX-License-Identifier: Apache-2.0
#include "store/table.h"

#include <libpq-fe.h>
#include "base/clock.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "store/pg_value.h"

// The object identifiers of the types (PostgreSQL, pg_type.dat), which never change.
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_JSON = 114, TYPE_TIMESTAMPTZ = 1184 };

int store_table_columns(const struct store_answer *answer)
{
    return PQnfields(answer->rows);
}

const char *store_table_name(const struct store_answer *answer, int column)
{
    return PQfname(answer->rows, column);
}

bool store_table_plain(struct buf *b, const struct store_answer *answer, int row, int column)
{
    const PGresult *rows = answer->rows;
    if (pg_is_null(rows, row, column))
        return false;
    switch (PQftype(rows, column)) {
    case TYPE_BOOL:
        buf_str(b, pg_bool(rows, row, column) ? STR("true") : STR("false"));
        break;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        buf_i64(b, pg_i64(rows, row, column));
        break;
    case TYPE_TIMESTAMPTZ:
        clock_print(b, pg_time(rows, row, column));
        break;
    default:
        buf_str(b, pg_str(rows, row, column));
    }
    return true;
}

static bool is_quoted(const PGresult *rows, int column)
{
    switch (PQftype(rows, column)) {
    case TYPE_BOOL:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_JSON:
        return false;
    default:
        return true;
    }
}

void store_table_row(struct buf *b, const struct store_answer *answer, int row)
{
    struct buf value = {0};
    jw_open(b, '{');
    for (int column = 0; column < store_table_columns(answer); column++) {
        buf_clear(&value);
        if (!store_table_plain(&value, answer, row, column))
            continue;
        jw_key(b, store_table_name(answer, column));
        if (is_quoted(answer->rows, column))
            jw_string(b, buf_view(&value));
        else
            jw_raw(b, buf_view(&value));
    }
    jw_close(b, '}');
    buf_fini(&value);
}

int store_table_width(const struct store_answer *answer, int column)
{
    size_t width = utf8_length(str_from(store_table_name(answer, column)));
    for (int row = 0; row < store_answer_rows(answer); row++) {
        struct buf value = {0};
        (void)store_table_plain(&value, answer, row, column);
        size_t n = utf8_length(buf_view(&value));
        width = n > width ? n : width;
        buf_fini(&value);
    }
    return (int)width;
}
