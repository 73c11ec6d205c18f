// SPDX-License-Identifier: Apache-2.0
// The one door to libfcgi. A worker accepts from a listening socket that its parent opened: libfcgi's own open exits on
// error and takes the mode from the umask, and its accept does not survive a signal.
#ifndef CGI_FCGI_H
#define CGI_FCGI_H

#include <signal.h>
#include "cgi/exchange.h"
#include "base/must.h"

// A non-blocking listening Unix socket for this user and its group, or the one that systemd passed under that name
// (sd_listen_fds(3), FileDescriptorName=). More than `backlog` connections that wait are refused with EAGAIN. The
// descriptor, or -1, logged.
MUST_USE int fcgi_listen(const char *path, const char *name, int backlog);

struct fcgi;

// Takes requests from `listener`, which it does not own. Never NULL.
struct fcgi *fcgi_new(int listener);
void fcgi_free(struct fcgi *f);

// Waits for the next request with `unblocked` as the signal mask. NULL: a signal came, or another worker took the
// request. A request must be ended before the next one is taken.
struct exchange *fcgi_next(struct fcgi *f, const sigset_t *unblocked);
void fcgi_end(struct fcgi *f);

#endif
