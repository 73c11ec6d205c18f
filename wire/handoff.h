// SPDX-License-Identifier: Apache-2.0
// The message by which nginx hands a client's socket to a pusher, and the pusher's answer to it. This module prints and
// parses both; it is neither the socket between them nor the descriptor, which travels beside the request as SCM_RIGHTS
// ancillary data (unix(7)).
//
// Two programs hold the same client's socket for a moment, and only one of them may ever write to it:
//   - nginx sends the request with a deadline HANDOFF_TAKE_MS ahead and keeps its copy, silent, until the answer;
//   - a pusher that reads the request after its deadline closes the descriptor unread and says nothing;
//   - a pusher that takes the socket answers first, and writes to it only if it is not later than HANDOFF_GIVE_UP_MS
//     after the request was sent (handoff_is_void); else it closes the descriptor, unwritten;
//   - nginx gives up no earlier than HANDOFF_GIVE_UP_MS after sending, and only after it has read every answer that has
//     come until then. From that moment the socket is nginx's alone.
// Both measure by CLOCK_MONOTONIC, which is one clock for all processes of a machine (clock_gettime(2)).
#ifndef WIRE_HANDOFF_H
#define WIRE_HANDOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

enum {
    HANDOFF_TAKE_MS = 1000,
    HANDOFF_GIVE_UP_MS = 2000,
    HANDOFF_BYTES_MAX = 16 * 1024, // of a request; nginx's longest request line is half of it
    HANDOFF_ADDRESS_MAX = 64,      // of the client's address as text
};

struct handoff_request {
    uint64_t number;     // the sender's own; the answer repeats it
    int64_t deadline_ns; // CLOCK_MONOTONIC; sending time plus HANDOFF_TAKE_MS
    struct str query;    // of the internal address that the door printed (wire/subscription.h)
    struct str address;  // the client's, as nginx knows it: "192.0.2.7", "2001:db8::7"
};

enum handoff_verdict {
    HANDOFF_TAKEN,   // the socket is the pusher's
    HANDOFF_REFUSED, // nginx goes on as if nothing had been sent
    HANDOFF_VERDICT__MAX
};

struct handoff_answer {
    uint64_t number;
    enum handoff_verdict verdict;
};

enum { HANDOFF_ANSWER_BYTES = 16 };

// Prints into `out`, which has HANDOFF_BYTES_MAX bytes. The length, or 0 if the request is longer than that.
MUST_USE size_t handoff_request_print(const struct handoff_request *request, char *out);

// Fills *request with views into `message`. 0, or -1 if the message is not a well-formed request of this version.
MUST_USE int handoff_request_parse(struct handoff_request *request, struct str message);

// Prints into `out`, which has HANDOFF_ANSWER_BYTES bytes.
void handoff_answer_print(const struct handoff_answer *answer, char *out);

// 0, or -1 if the message is not a well-formed answer of this version.
MUST_USE int handoff_answer_parse(struct handoff_answer *answer, struct str message);

// True if a pusher that reads the request now must leave it.
static inline bool handoff_is_late(const struct handoff_request *request, int64_t now_ns)
{
    return now_ns > request->deadline_ns;
}

// True if nginx may have given up: the pusher, having answered, must not write.
static inline bool handoff_is_void(const struct handoff_request *request, int64_t now_ns)
{
    return now_ns >= request->deadline_ns + (HANDOFF_GIVE_UP_MS - HANDOFF_TAKE_MS) * INT64_C(1000000);
}

#endif
