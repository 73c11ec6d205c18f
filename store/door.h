// SPDX-License-Identifier: Apache-2.0
// The door's question: which of these rooms may the caller subscribe to, and what are their counters?
#ifndef STORE_DOOR_H
#define STORE_DOOR_H

#include "store/answer.h"

// `kinds` and `ids` are array literals of the rooms; `user:me` has the id "me".
MUST_USE struct store_answer store_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids,
                                        const char *end_delay_s);

// The caller who was let in, and until when.
struct store_door_pass {
    struct str caller_id, credential_id;
    int64_t at_us;    // the statement's time, microseconds since 1970
    int64_t until_us; // when the sign-in or token expires, microseconds since 1970; 0: never
    struct str epoch; // the database's (wire/cursor.h)
};
void store_door_read_pass(const struct store_answer *answer, struct store_door_pass *pass);

// The `i`-th room that was asked for.
struct store_door_room {
    bool is_allowed;
    bool is_counted; // it has a counter
    bool has_ended;  // nothing can come in it any more
    bool is_final;   // a session that is completed, failed or cancelled, though late steps may still come
    int64_t head;    // its counter
};
void store_door_read_room(const struct store_answer *answer, int i, struct store_door_room *room);

#endif
