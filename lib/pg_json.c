#include "lib/pg_json.h"

#include "lib/clock.h"
#include "lib/jw.h"

// The object identifiers of the types (PostgreSQL, pg_type.dat), which never change.
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_JSON = 114, TYPE_TIMESTAMPTZ = 1184 };

int pg_json_rows(const PGresult *rows)
{
    return PQntuples(rows);
}

int pg_json_columns(const PGresult *rows)
{
    return PQnfields(rows);
}

const char *pg_json_name(const PGresult *rows, int column)
{
    return PQfname(rows, column);
}

void pg_json_plain(struct buf *b, const PGresult *rows, int row, int column)
{
    if (pg_is_null(rows, row, column))
        return;
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

void pg_json_row(struct buf *b, const PGresult *rows, int row)
{
    struct buf value = {0};
    jw_open(b, '{');
    for (int column = 0; column < PQnfields(rows); column++) {
        if (pg_is_null(rows, row, column))
            continue;
        buf_clear(&value);
        pg_json_plain(&value, rows, row, column);
        jw_key(b, PQfname(rows, column));
        if (is_quoted(rows, column))
            jw_string(b, buf_view(&value));
        else
            jw_raw(b, buf_view(&value));
    }
    jw_close(b, '}');
    buf_fini(&value);
}

int pg_json_cell_width(struct str text)
{
    int width = 0;
    for (size_t i = 0; i < text.n; i++)
        width += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return width;
}

int pg_json_width(const PGresult *rows, int column)
{
    int width = pg_json_cell_width(str_from(PQfname(rows, column)));
    for (int row = 0; row < PQntuples(rows); row++) {
        struct buf value = {0};
        pg_json_plain(&value, rows, row, column);
        int n = pg_json_cell_width(buf_view(&value));
        width = n > width ? n : width;
        buf_fini(&value);
    }
    return width;
}
