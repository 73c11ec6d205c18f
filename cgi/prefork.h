// A parent that keeps N equal workers alive and takes no part in their work. A worker that dies is replaced; SIGTERM is
// passed on, the workers finish the requests in hand, and who does not within 10 s is killed. Workers die with their
// parent.
#ifndef CGI_PREFORK_H
#define CGI_PREFORK_H

#include "lib/must.h"

// Runs `work(context)` in `n` processes until SIGTERM or SIGINT. Returns the program's exit status. In a worker SIGTERM
// is blocked; it looks for it where it waits.
int prefork_run(int n, void (*work)(void *context), void *context);

#endif
