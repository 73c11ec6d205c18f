// SPDX-License-Identifier: Apache-2.0
// Text that is still being written: whether a token may send it, and the checkpoint that survives a crash.
#ifndef STORE_PROGRESS_H
#define STORE_PROGRESS_H

#include "store/answer.h"

struct store_progress {
    bool is_open;      // the step is open in a running session: else progress is dropped
    int64_t start_seq; // number of the event that started the step
};

// CONFLICT: the session is pending. `out` is set where the outcome is OK. Changes nothing.
MUST_USE enum store_outcome store_progress_look(struct pg *pg, const struct caller *caller, const char *session,
                                                const char *step, struct store_progress *out);

// The same, but it stores the content if the step is open. It takes no number, and counts as a heartbeat.
MUST_USE enum store_outcome store_progress_checkpoint(struct pg *pg, const struct caller *caller, const char *session,
                                                      const char *step, const char *content, const char *content_length,
                                                      struct store_progress *out);

#endif
