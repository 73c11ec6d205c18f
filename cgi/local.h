// SPDX-License-Identifier: Apache-2.0
// A conversation with a neighbouring program over its Unix socket, in blocking calls with one deadline (CLOCK_MONOTONIC
// ns) for all of them. What is said is cgi/local_http.h's and cgi/fcgi_ask.h's part.
#ifndef CGI_LOCAL_H
#define CGI_LOCAL_H

#include "base/buf.h"

// A connected socket, which the caller ends with local_close(), or -1 if nobody listens at `path`.
MUST_USE int local_connect(const char *path, int64_t deadline_ns);
// Writes all of `bytes` before the deadline. 0 or -1.
MUST_USE int local_write(int fd, struct str bytes, int64_t deadline_ns);
// Appends everything until the other side closes. Returns 0, or -1 if that is more than `most` bytes or comes too late.
MUST_USE int local_read(int fd, struct buf *all, size_t most, int64_t deadline_ns);

// Closes without a reset, which would discard what the other side has not read yet: ends our side, reads and drops what
// still comes, at most 1 MiB and until the deadline.
void local_close(int fd, int64_t deadline_ns);

#endif
