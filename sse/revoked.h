// Rights that ended lately. A stream authorised before a revocation of one of its principals, or so shortly after that
// its authorisation may still have seen the old state, is refused here and closed where it lives (sse/loop.c). Pure.
#ifndef SSE_REVOKED_H
#define SSE_REVOKED_H

#include <stdint.h>
#include "lib/buf.h"
#include "sse/door.h"

struct revoked;

// An authorisation this much later than the revocation is believed; one older than REVOKED_MEMORY_US is not believed at
// all, as what was revoked then may be forgotten here.
#define REVOKED_GRACE_US INT64_C(5000000)
#define REVOKED_MEMORY_US INT64_C(60000000)

struct revoked *revoked_new(void);
void revoked_free(struct revoked *revoked);
// True if this is news: not known, or known of an earlier time only.
bool revoked_add(struct revoked *revoked, struct str principal, int64_t at);
void revoked_forget(struct revoked *revoked, int64_t before);
// -1 if the door's authorisation stands; else in how many milliseconds a new one would.
int revoked_wait_ms(const struct revoked *revoked, const struct door *door, int64_t now);

#endif
