// The lines of a batch, gathered by step: what starts a step and what completes it may stand on two lines of the same
// batch, and the same id may stand there again. Reads only; nothing is decided here that the database knows better.
#ifndef CGI_TRACE_BATCH_LINES_H
#define CGI_TRACE_BATCH_LINES_H

#include "cgi/request.h"
#include "lib/store_batch.h"

enum { BATCH_LINES_MAX = 20000 };

struct batch_lines {
    struct store_batch_step *steps; // each id once, in the order of its first line
    int n;
    int *of_line; // for each line that is not blank: the index of its step
    int lines;
    int *table; // open addressing by id: index + 1, 0 free
    int table_n;
};

// The texts live as long as the request, the arrays until batch_lines_fini(). 0, or the status of a problem, with
// `line`.
MUST_USE int batch_lines_read(struct request *r, struct batch_lines *batch);
void batch_lines_fini(struct batch_lines *batch);

// Adds the number of the line to the problem that was just written; returns `status`.
int batch_lines_problem(struct request *r, int status, int64_t line);

#endif
