// SPDX-License-Identifier: Apache-2.0
// Looks up the addresses of a host name without waiting. The C library's look-up blocks for as long as the name servers
// are silent, so it runs in a process of its own, which is killed when its answer is no longer wanted. This module
// neither keeps answers nor connects.
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <sys/types.h>
#include "base/buf.h"

// More addresses of one name than this are left out.
enum { LOOKUP_ADDRESSES_MAX = 4 };

// All zeros: nothing is being looked up.
struct lookup {
    pid_t process;
    int fd; // readable when there is an answer; only while `process` is set
};

// Starts looking up `name`. 0, or -1 with errno if there is no process or descriptor for it.
MUST_USE int lookup_start(struct lookup *lookup, const char *name);

// After lookup_start(), once lookup->fd is readable: puts the numeric addresses into *addresses, each with a NUL behind
// it, and returns how many there are. 0: the name has none, or could not be looked up. The look-up is over.
int lookup_take(struct lookup *lookup, struct buf *addresses);

// Ends a look-up whose answer is no longer wanted; nothing if there is none.
void lookup_stop(struct lookup *lookup);

#endif
