// The door's question: which of these rooms may the caller watch, and where do their counters stand?
#ifndef LIB_STORE_DOOR_H
#define LIB_STORE_DOOR_H

#include "lib/answer.h"

// A row for each room in the order asked. `kinds` and `ids` are array literals, `user:me` has the id "me". The body is
// the caller's id, the problem column the credential's; behind an answer's columns:
enum {
    DOOR_AT = ANSWER_COLUMNS, // the statement's time, microseconds since 1970
    DOOR_ALLOWED,
    DOOR_HEAD,  // the room's counter; NULL if it has none
    DOOR_ENDED, // nothing can come in it any more
    DOOR_UNTIL, // when the sign-in expires, microseconds since 1970; NULL for a program
};
MUST_USE struct answer store_door(struct pg *pg, const struct caller *caller, const char *kinds, const char *ids);

#endif
