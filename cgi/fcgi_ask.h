// SPDX-License-Identifier: Apache-2.0
// One GET request to a FastCGI program on this machine, over its socket. This is how workspace-api learns whether
// trace-api works and what it has counted.
#ifndef CGI_FCGI_ASK_H
#define CGI_FCGI_ASK_H

#include "base/buf.h"

// Appends the body of the reply. The status, or -1 if there was no whole answer before `deadline_ns` (CLOCK_MONOTONIC
// ns).
MUST_USE int fcgi_ask(const char *path, const char *target, int64_t deadline_ns, struct buf *body);

#endif
