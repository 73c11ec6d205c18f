// SPDX-License-Identifier: Apache-2.0
// Rights that ended lately. A stream that was authorised before a revocation of one of its principals, or so shortly
// afterwards that its authorisation may still have seen the old state, is refused when it is opened (sse/request.c) and
// ended if it is open (sse/conn.c). This module only remembers. Pure; times are the database's wall clock.
#ifndef SSE_REVOKED_H
#define SSE_REVOKED_H

#include <stdint.h>
#include "base/buf.h"
#include "wire/subscription.h"

struct revoked;

// An authorisation that is this much later than the revocation is believed. One that is older than REVOKED_MEMORY_US is
// not believed at all, as revocations of that time may have been forgotten here.
#define REVOKED_GRACE_US INT64_C(5000000)
#define REVOKED_MEMORY_US INT64_C(60000000)

struct revoked *revoked_new(void);
void revoked_free(struct revoked *revoked);
// Notes that `principal` lost a right at that time. One that is known already, or is older than what is known, changes
// nothing.
void revoked_add(struct revoked *revoked, struct str principal, int64_t at_us);
// Whether there are some by which no streams have been ended yet: those are new.
bool revoked_has_new(const struct revoked *revoked);
// Whether one of them ends a stream that was authorised at that time in the name of that principal.
bool revoked_is_new(const struct revoked *revoked, struct str principal, int64_t authorised_us);
// Streams have been ended by all of them.
void revoked_taken(struct revoked *revoked);
void revoked_forget(struct revoked *revoked, int64_t before_us);
// Returns -1 if the door's authorisation stands, else in how many milliseconds a new one would.
int revoked_wait_ms(const struct revoked *revoked, const struct subscription *subscription, int64_t now_us);

#endif
