// SPDX-License-Identifier: Apache-2.0
// What an HTTP request gets: a stream, or a small answer. It decides and prints, and knows nothing of descriptors.
#ifndef SSE_REQUEST_H
#define SSE_REQUEST_H

#include "wire/subscription.h"
#include "sse/pusher.h"

enum request_outcome {
    REQUEST_MORE,     // the head is incomplete
    REQUEST_STREAM,   // a stream of *subscription
    REQUEST_ANSWERED, // answered with *answer, which the caller owns
    REQUEST_REVOKED,  // the same, because one of its principals lost a right
    REQUEST_QUOTA,    // the same, because one of them, or its network, has as many streams as it may
    REQUEST_FULL,     // the same, because as many rooms as may be have subscribers
    REQUEST_FORGED,   // the same, because the door of this machine did not seal it, or long ago
};

struct request_opening {
    struct str query;   // of the internal address, with its seal (wire/pass.h)
    struct str address; // the client's; may be empty
};

// `others_n` is how many connections there are beside the one that asks. *subscription views *opening.
enum request_outcome request_judge_stream(struct pusher *p, size_t others_n, const struct request_opening *opening,
                                          struct subscription *subscription, struct frame **answer);
enum request_outcome request_judge(struct pusher *p, struct str bytes, struct subscription *subscription,
                                   struct frame **answer);

// The last event of an open stream that cannot go on now.
struct frame *request_interruption(const struct pusher *p, enum dialect dialect);
// `revoked`: the credential has expired.
struct frame *request_expired(enum dialect dialect);
// `revoked`: that principal lost a right.
struct frame *request_revoked(enum dialect dialect, struct str principal);
// A last ping with a jittered `retry:`, for a stream whose client is to come back.
struct frame *request_farewell(const struct pusher *p, enum dialect dialect);
// A ping, shared by all that are due in the same turn; the caller owns a reference.
struct frame *request_ping(struct pusher *p, enum dialect dialect);

#endif
