// SPDX-License-Identifier: Apache-2.0
// The signals that end a program: SIGTERM, and SIGINT of a terminal.
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <signal.h>
#include "base/must.h"

sigset_t signals_ending(void);

// Blocks them, and ignores SIGPIPE. Threads and children that are made later inherit both.
void signals_block(void);

// A descriptor that is readable once one of them, blocked before, has come (signalfd(2)). The caller owns it. -1 with
// errno.
MUST_USE int signals_fd(void);

#endif
