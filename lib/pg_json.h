// A binary result printed as it comes: JSON objects whose names are the columns', or plain text for people. For
// programs that show what a statement returned; the API's objects are printed by SQL functions and lib/step_json.c.
// Columns are text, boolean, integer, timestamptz, or json, which passes through.
#ifndef LIB_PG_JSON_H
#define LIB_PG_JSON_H

#include "lib/pg.h"

int pg_json_rows(const PGresult *rows);
int pg_json_columns(const PGresult *rows);
const char *pg_json_name(const PGresult *rows, int column);

// {"name":value,…}; NULL values are left out.
void pg_json_row(struct buf *b, const PGresult *rows, int row);

// The value as text without quotes, of a NULL nothing.
void pg_json_plain(struct buf *b, const PGresult *rows, int row, int column);

// Places on a terminal, one a code point: of a text, and of the widest value or the name of a column.
int pg_json_cell_width(struct str text);
int pg_json_width(const PGresult *rows, int column);

#endif
