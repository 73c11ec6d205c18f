// SPDX-License-Identifier: Apache-2.0
// How a door hands its request over to a pusher: an internal redirect of nginx to the address that the pusher reads
// (wire/subscription.h).
#ifndef CGI_PUSHER_H
#define CGI_PUSHER_H

#include "cgi/request.h"
#include "store/room.h"
#include "wire/subscription.h"

// The members of a subscription that say who was let in, and until when; the rooms are the caller's to fill.
void pusher_pass(struct subscription *subscription, const struct request *r, const struct store_room_pass *pass);
// Adds the header of the redirect, to a sealed address (wire/pass.h). The status: 200, or a problem's.
MUST_USE int pusher_redirect(struct request *r, const struct subscription *subscription);
// The headers of every stream. Whether it comes from a pusher or not, caches and compressors leave it alone.
void pusher_stream_headers(struct request *r);

#endif
