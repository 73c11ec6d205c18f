// One GET of a FastCGI program beside us, over its socket: how workspace-api learns whether trace-api works and what it
// counted.
#ifndef CGI_FCGI_ASK_H
#define CGI_FCGI_ASK_H

#include "lib/buf.h"

// Appends the body of the reply. The status, or -1 if there was no whole answer before `deadline` (CLOCK_MONOTONIC ns).
MUST_USE int fcgi_ask(const char *path, const char *target, int64_t deadline, struct buf *body);

#endif
