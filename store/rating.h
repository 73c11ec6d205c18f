// SPDX-License-Identifier: Apache-2.0
// Ratings of a session, its steps and its agent's messages, by people and by evaluators' tokens with the scope
// scores:write. The rules are migrations/functions/rating.sql.
#ifndef STORE_RATING_H
#define STORE_RATING_H

#include "store/notify.h"

enum { RATINGS_OF_SESSION = 10000 };

// What is said, as decimal text or NULL. `target`: a session's, step's or message's id.
struct store_rating {
    const char *target;
    const char *name;  // of what was measured; "" for thumbs and notes
    const char *thumb; // "1" or "-1"
    const char *score;
    const char *note;
};

// Views that live as long as the answer.
struct store_rating_seen {
    struct str rating; // printed; absent once it is gone
    bool has_changed;  // `change` is for notify_session_event()
    struct notify_session change;
};

// WRITTEN: it is new; OK: it stands; CONFLICT: the session has as many as it may have (too_many_ratings); FORBIDDEN.
MUST_USE struct store_answer store_rating_put(struct pg *pg, const struct caller *caller, const char *session,
                                              const struct store_rating *rating, struct store_rating_seen *seen);
// SILENT. One's own ratings only.
MUST_USE struct store_answer store_rating_delete(struct pg *pg, const struct caller *caller, const char *session,
                                                 const char *rating, struct store_rating_seen *seen);
// The body is {"ratings":[…]}, oldest first; of one target if that is not NULL.
MUST_USE struct store_answer store_rating_list(struct pg *pg, const struct caller *caller, const char *session,
                                               const char *target);

#endif
