// SPDX-License-Identifier: Apache-2.0
// beside: a process that works beside the sweeper and ends with it.
#ifndef ADMIN_COMMANDS_BESIDE_H
#define ADMIN_COMMANDS_BESIDE_H

#include <sys/types.h>

// Starts a process that does `work`, with no signal blocked; SIGTERM tells it to end. -1 if there can be none: then it
// is logged what is not done.
pid_t beside_start(const char *not_done, void (*work)(void));

#endif
