// SPDX-License-Identifier: Apache-2.0
// A few turns that all workers of a program share, for what may take a worker for a long time. The turn of a worker
// that dies is free again.
#ifndef CGI_TURNS_H
#define CGI_TURNS_H

#include "base/must.h"

enum { TURNS = 2 };

// Called once, before the workers are forked.
void turns_init(void);

// The number of a turn that is now this process's, or -1: all are taken. A process takes one at a time.
MUST_USE int turns_take(void);
void turns_give(int turn);

#endif
