// SPDX-License-Identifier: Apache-2.0
#include "store/pg_value.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

int pg_rows(const PGresult *rows)
{
    return PQntuples(rows);
}

bool pg_is_null(const PGresult *rows, int row, int column)
{
    return PQgetisnull(rows, row, column);
}

struct str pg_str(const PGresult *rows, int row, int column)
{
    if (PQgetisnull(rows, row, column))
        return STR_NONE;
    return (struct str){PQgetvalue(rows, row, column), (size_t)PQgetlength(rows, row, column)};
}

// Binary arrays: dimensions, whether there are NULLs, the element's type; per dimension its length and lower bound;
// then each element's length (-1: NULL) and bytes (PostgreSQL, array_send).
enum { ARRAY_HEAD = 12, ARRAY_DIMENSION = 8 };

static int32_t read_i32(const char *p)
{
    uint32_t raw;
    memcpy(&raw, p, sizeof raw);
    return (int32_t)be32toh(raw);
}

struct str pg_element(const PGresult *rows, int row, int column, int at)
{
    struct str array = pg_str(rows, row, column);
    if (!array.p || read_i32(array.p) != 1 || at >= read_i32(array.p + ARRAY_HEAD))
        return STR_NONE;
    const char *p = array.p + ARRAY_HEAD + ARRAY_DIMENSION;
    int32_t n = read_i32(p);
    for (int i = 0; i < at; i++) {
        p += sizeof n + (n > 0 ? (size_t)n : 0);
        n = read_i32(p);
    }
    return n < 0 ? STR_NONE : (struct str){p + sizeof n, (size_t)n};
}

int64_t pg_i64(const PGresult *rows, int row, int column)
{
    if (PQgetisnull(rows, row, column))
        return 0;
    const char *value = PQgetvalue(rows, row, column);
    int64_t n = 0;
    switch (PQgetlength(rows, row, column)) {
    case 2: {
        uint16_t raw;
        memcpy(&raw, value, sizeof raw);
        n = (int16_t)be16toh(raw);
        break;
    }
    case 4:
        n = read_i32(value);
        break;
    case 8: {
        uint64_t raw;
        memcpy(&raw, value, sizeof raw);
        n = (int64_t)be64toh(raw);
        break;
    }
    default:
        abort(); // the statement's column is not an integer: a programmer's mistake
    }
    return n;
}

bool pg_bool(const PGresult *rows, int row, int column)
{
    return !PQgetisnull(rows, row, column) && PQgetvalue(rows, row, column)[0] != 0;
}

int64_t pg_time(const PGresult *rows, int row, int column)
{
    // Binary timestamps count from 2000-01-01 (PostgreSQL, timestamp.h).
    return pg_is_null(rows, row, column) ? 0 : pg_i64(rows, row, column) + INT64_C(946684800000000);
}
