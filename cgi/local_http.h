// SPDX-License-Identifier: Apache-2.0
// One small GET request over a Unix socket, with a deadline: how a program asks the pushers on its machine. It is no
// general client: it speaks HTTP/1.0, so that the other side closes the connection at the end of its reply.
#ifndef CGI_LOCAL_HTTP_H
#define CGI_LOCAL_HTTP_H

#include "base/buf.h"

// Appends the body. The status, or -1 if there was no whole answer before `deadline_ns` (CLOCK_MONOTONIC ns).
MUST_USE int local_http_get(const char *path, struct str target, int64_t deadline_ns, struct buf *body);

#endif
