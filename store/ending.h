// SPDX-License-Identifier: Apache-2.0
// Ending a session, and trying it again. The ending that commits first stands.
#ifndef STORE_ENDING_H
#define STORE_ENDING_H

#include "store/session.h"

struct store_ending {
    const char *status;                     // "completed", "failed" or "cancelled"
    const char *error_code, *error_message; // of a failure
    const char *response_message;
    const char *completed_us; // microseconds since 1970 by the client's clock; NULL: now
    const char *seen_seq;     // newest number of the stream that the agent has seen: what people wrote after it …
    const char *follow_up_id; // … makes a pending session with this id
};

// Views that live as long as the answer.
struct store_ending_seen {
    struct store_session_seen ended;
    bool has_follow_up;
    struct notify_session follow_up; // requested
};
void store_ending_read(const struct store_answer *answer, struct store_ending_seen *seen);

// WRITTEN: ended now. OK: it had ended so before. CONFLICT with session_status: it is pending (and can only be
// cancelled), or it had ended otherwise. A token ends its own persona's sessions, a person those of streams where they
// may post; a session without a stream is ended by an admin.
MUST_USE struct store_answer store_ending_write(struct pg *pg, const struct caller *caller, const char *session,
                                                const struct store_ending *in);

// WRITTEN: a new pending session with the id `new_id`. OK: the one that was made before. CONFLICT: the session cannot
// be retried. Read with store_session_read().
MUST_USE struct store_answer store_ending_retry(struct pg *pg, const struct caller *caller, const char *session,
                                                const char *new_id);

#endif
