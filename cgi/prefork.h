// SPDX-License-Identifier: Apache-2.0
// A parent process that keeps N workers alive and takes no part in their work. A worker that dies is replaced.
// SIGTERM is passed on: the workers finish the requests in hand, and those that have not ended after 10 s are killed.
// Workers die with their parent.
#ifndef CGI_PREFORK_H
#define CGI_PREFORK_H

#include "base/must.h"

// Runs `work(context, index)` in `n` processes, each with an index from 0 to n - 1 of its own, until SIGTERM or SIGINT.
// Returns the program's exit status. In a worker SIGTERM
// is blocked; it looks for it where it waits.
int prefork_run(int n, void (*work)(void *context, int index), void *context);

#endif
