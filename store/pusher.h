// SPDX-License-Identifier: Apache-2.0
// What a pusher asks of the database that is about no room of its own: what only hints have told, revocations, the
// time. It runs them as it does those of store/room.h.
#ifndef STORE_PUSHER_H
#define STORE_PUSHER_H

#include "store/pg.h"
#include "store/pg_value.h"

// $1 microseconds since 1970: what hints alone have told since then about sessions that have ended (or been asked for)
// and messages that were deleted, but for the last second, whose hints may be on their way. Times are the server's, and
// the texts are those of store/notify.c and of the function forget_quotes().
extern const struct pg_statement store_pusher_news;

struct store_pusher_news {
    struct str room;
    struct str name; // absent: a text that this room's events may show was deleted, see HINT_FORGETS
    struct str body;
    struct str about; // id of the message, or of the session or stream; what stands before it in the body is the same
                      // in all its news
};

void store_pusher_news_read(struct store_pusher_news *news, const struct pg_result *rows, int row);

// What time it is.
extern const struct pg_statement store_pusher_clock;

// $1 microseconds since 1970: revocations since then.
extern const struct pg_statement store_pusher_revocations;

struct store_pusher_revocation {
    struct str principal;
    int64_t at_us; // since 1970
};

void store_pusher_revocation_read(struct store_pusher_revocation *revocation, const struct pg_result *rows, int row);

#endif
