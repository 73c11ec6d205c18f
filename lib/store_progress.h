// Text that is still being written: whether a token may send it, and the checkpoint that a crash leaves behind.
#ifndef LIB_STORE_PROGRESS_H
#define LIB_STORE_PROGRESS_H

#include "lib/answer.h"

struct store_progress {
    bool is_open;      // the step is open in a running session: else progress is dropped
    int64_t start_seq; // number of the event that started the step
};

// 200, 401, 403, 404, 409 (pending session), 503. Changes nothing.
MUST_USE int store_progress_look(struct pg *pg, const struct caller *caller, const char *session, const char *step,
                                 struct store_progress *out);

// The same, and stores the content if the step is open. It raises no number, and counts as a sign of life.
MUST_USE int store_progress_checkpoint(struct pg *pg, const struct caller *caller, const char *session,
                                       const char *step, const char *content, const char *content_length,
                                       struct store_progress *out);

#endif
