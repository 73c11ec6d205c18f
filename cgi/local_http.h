// One small GET over a Unix socket, with a deadline: how a program asks the pushers beside it. Not a client for
// strangers: HTTP/1.0, so that the other side closes at the end.
#ifndef CGI_LOCAL_HTTP_H
#define CGI_LOCAL_HTTP_H

#include "lib/buf.h"

// A socket connected to `path`, whose reads and writes end at `deadline` (CLOCK_MONOTONIC ns). -1 if nobody listens.
MUST_USE int local_connect(const char *path, int64_t deadline);
// Writes all of `bytes` before the deadline. 0 or -1.
MUST_USE int local_write(int fd, struct str bytes, int64_t deadline);
// Appends all there is until the other side closes, at most `most` bytes. 0, or -1 if it is more or late.
MUST_USE int local_read(int fd, struct buf *all, size_t most, int64_t deadline);

// Appends the body. The status, or -1 if there was no whole answer in time.
MUST_USE int local_http_get(const char *path, struct str target, int64_t deadline, struct buf *body);

#endif
