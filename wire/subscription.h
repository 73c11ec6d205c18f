// SPDX-License-Identifier: Apache-2.0
// What the door (cgi/workspace_door.c) tells the pusher about a stream that it has authorised: the query of the
// internal address to which nginx takes the request. The door prints it, the pusher parses it.
//
//     room=NAME~HEAD~FROM    an internal name (wire/room_name.h). HEAD: the room's counter as the door's statement saw
//                            it, "-" for a room without one. FROM: the client's cursor, "-" for a stream that starts
//                            from now on, "!" for a malformed cursor
//     denied=NAME            a room that the caller may not read; it keeps its place in the cursor
//     principal=ID           one whose revocation ends the stream; one or more
//     at=MICROSECONDS        wall time of the door's statement
//     epoch=E                the database's (wire/cursor.h); absent while it has none
//     numbers=1              only the rooms' numbers are told (EVENT_SHARE_CHANGED); absent if everything is
//     until=MICROSECONDS     wall time at which the credential expires; absent if it does not
//     origin=ORIGIN          that of a page elsewhere which may read the stream (Fetch standard, "CORS protocol")
//     dialect=WORD           how the room is told (wire/dialect.h); absent: as it is. Another dialect than the native
//                            one tells a single room, of a session
//
// It is sealed (wire/pass.h). The rooms stand in the order of the client's URL. Nothing is percent-encoded, as names
// and ids need no escaping; any other query is refused as a whole.
#ifndef WIRE_SUBSCRIPTION_H
#define WIRE_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "wire/cursor.h"
#include "wire/dialect.h"

enum { SUBSCRIPTION_PRINCIPALS_MAX = 8, SUBSCRIPTION_PRINCIPAL_SIZE = 40 };

struct subscription_room {
    struct str name; // internal; of a room that is denied, the public name will do
    bool denied;
    bool reset;   // the cursor was malformed or ahead of the room: the stream starts at its head and the client is told
    int64_t head; // 0 for a room without a counter
    int64_t from; // at most `head`; the door may give CURSOR_NOW, which is read back as `head`
};

struct subscription {
    unsigned rooms_n;
    unsigned principals_n;
    int64_t at_us;
    int64_t until_us; // INT64_MAX: it does not expire
    struct str epoch; // empty: none
    struct str
        address; // the client's, as nginx knows it; no part of the text, so who reads the text sets it; may be empty
    struct str origin; // empty: none
    enum dialect dialect;
    bool numbers_only;
    struct subscription_room rooms[CURSOR_ROOMS_MAX];
    struct str principals[SUBSCRIPTION_PRINCIPALS_MAX];
};

// Fills *subscription with views of `query`. 0, or -1 if the query is not as above.
MUST_USE int subscription_parse(struct subscription *subscription, struct str query);
void subscription_print(struct buf *b, const struct subscription *subscription);

#endif
