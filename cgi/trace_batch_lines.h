// SPDX-License-Identifier: Apache-2.0
// The lines of a batch, gathered by step: a step may be started and completed by two lines of the same batch, and its
// id may occur again. This only reads; whatever depends on the database is decided there.
#ifndef CGI_TRACE_BATCH_LINES_H
#define CGI_TRACE_BATCH_LINES_H

#include "cgi/request.h"
#include "store/batch.h"
#include "store/put.h"

enum { BATCH_LINES_MAX = 20000 };

struct batch_lines {
    struct store_batch_step *steps; // each id once, in the order of its first line
    int n;
    int *of_line; // for each line that is not blank: the index of its step
    int lines;
    int *table; // open addressing by id: index + 1, 0 free
    int table_n;
    bool is_for_put; // a line says what only a put writes
    // In place of all that, if a line puts, or the lines are to be put: each line that is not blank as a step that is
    // put, and its number.
    struct store_put_step *puts;
    int64_t *put_line;
    int puts_n;
};

// The texts live as long as the request, the arrays until batch_lines_fini(). 0, or the status of a problem, with
// `line`.
MUST_USE int batch_lines_read(struct request *r, struct batch_lines *batch);
// The same lines as steps that are put, in place of what was read before.
MUST_USE int batch_lines_read_puts(struct request *r, struct batch_lines *batch);
void batch_lines_fini(struct batch_lines *batch);

// Adds the number of the line to the problem that was just written; returns `status`.
int batch_lines_problem(struct request *r, int status, int64_t line);

#endif
