// SPDX-License-Identifier: Apache-2.0
// The values of a binary result: typed getters over what libpq holds. They run nothing and own nothing; the connection
// is store/pg.h, the pusher's is sse/db.h.
#ifndef STORE_PG_VALUE_H
#define STORE_PG_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct pg_result;

int pg_rows(const struct pg_result *rows); // 0 for NULL

// The views live as long as the result. Whether a value is NULL is asked first or irrelevant: a NULL text is STR_NONE,
// a NULL number or boolean is 0.
bool pg_is_null(const struct pg_result *rows, int row, int column);
struct str pg_str(const struct pg_result *rows, int row, int column);
// Element `at`, from 0, of a text[] of one dimension; STR_NONE: it is NULL, or the array is, or ends before it.
struct str pg_element(const struct pg_result *rows, int row, int column, int at);
int64_t pg_i64(const struct pg_result *rows, int row, int column); // int2, int4, int8
bool pg_bool(const struct pg_result *rows, int row, int column);
int64_t pg_time(const struct pg_result *rows, int row, int column); // timestamptz: microseconds since 1970

#endif
