// SPDX-License-Identifier: Apache-2.0
// The rows of an answer printed as they come: JSON objects whose names are the columns', or plain text for people. For
// programs that show what a statement returned; the API's objects are printed by SQL functions and store/step_json.c.
// Columns are text, boolean, integer, timestamptz, or json, which passes through.
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "store/answer.h"

int store_table_columns(const struct store_answer *answer);
const char *store_table_name(const struct store_answer *answer, int column);

// {"name":value,…}; NULL values are left out.
void store_table_row(struct buf *b, const struct store_answer *answer, int row);

// Appends the value as text without quotes. False: it is NULL, and nothing was appended.
bool store_table_plain(struct buf *b, const struct store_answer *answer, int row, int column);

// The columns of a terminal that the widest value, or the name, of a column takes: one for each code point.
int store_table_width(const struct store_answer *answer, int column);

#endif
