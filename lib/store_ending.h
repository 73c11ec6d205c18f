// How a session ends, and how it is tried again. Whichever ending commits first stands.
#ifndef LIB_STORE_ENDING_H
#define LIB_STORE_ENDING_H

#include "lib/store_session.h"

struct store_ending {
    const char *status;                     // "completed", "failed" or "cancelled"
    const char *error_code, *error_message; // of a failure
    const char *response_message;
    const char *seen_seq;     // newest number of the stream that the agent has seen: what people wrote after it …
    const char *follow_up_id; // … makes a pending session with this id
};

struct store_ending_result {
    struct store_session_result ended;
    bool has_follow_up;
    struct publish_session follow_up; // requested; views into ended.rows
};

// 201 ended now; 200 it had ended so before; 409 session_status: pending (only to be cancelled), or it had ended
// otherwise. A token ends its own persona's sessions, a person those of streams where they may post; without a stream
// an admin.
MUST_USE int store_ending_write(struct pg *pg, const struct caller *caller, const char *session,
                                const struct store_ending *in, struct store_ending_result *out);

// 201 a new pending session with the id `new_id`; 200 the one that was made before; 409 it is not one to be retried.
MUST_USE int store_ending_retry(struct pg *pg, const struct caller *caller, const char *session, const char *new_id,
                                struct store_session_result *out);

#endif
