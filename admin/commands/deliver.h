// SPDX-License-Identifier: Apache-2.0
// Delivering webhooks: what the sweeper does beside its looks, in a process of its own, so that no slow receiver keeps
// it from ending sessions.
#ifndef ADMIN_COMMANDS_DELIVER_H
#define ADMIN_COMMANDS_DELIVER_H

#include <sys/types.h>

// Starts a process that delivers until its parent ends or it is told to stop. -1, and it is logged, if there can be
// none.
pid_t deliver_start(void);

#endif
