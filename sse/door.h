// What workspace-api's door passes on for a stream that it has authorised: the query of the internal location's URI.
//
//     room=KIND:ID~HEAD~FROM    HEAD: the room's counter as the door's statement saw it, "-" for a room without one;
//                               FROM: the client's cursor, "-" from now on, "!" malformed
//     denied=KIND:ID            keeps its place in the cursor
//     principal=ID              whose revocation ends the stream; one or more
//     at=MICROSECONDS           wall time of the door's statement
//     until=MICROSECONDS        wall time at which the credential expires; absent: it does not
//
// Rooms in the order of the client's URL. Ids only, so nothing is percent-encoded; anything else is refused as a whole.
#ifndef SSE_DOOR_H
#define SSE_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"
#include "lib/must.h"

enum { DOOR_ROOMS_MAX = 6, DOOR_PRINCIPALS_MAX = 8, DOOR_PRINCIPAL_SIZE = 40 };

struct door_room {
    struct str name;
    bool denied;
    bool reset;   // the cursor was malformed, or ahead of the room: from its head, and the client is told
    int64_t head; // 0 for a room without a counter
    int64_t from;
};

struct door {
    unsigned rooms_n;
    unsigned principals_n;
    int64_t at;
    int64_t until; // INT64_MAX: for ever
    struct door_room rooms[DOOR_ROOMS_MAX];
    struct str principals[DOOR_PRINCIPALS_MAX];
};

// Views of `query`. 0, or -1 if it is not as above.
MUST_USE int door_parse(struct str query, struct door *door);

#endif
