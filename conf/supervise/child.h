// SPDX-License-Identifier: Apache-2.0
// Starting one program of the list: its process group, its user, its log, its end when the supervisor dies. What
// happens to it afterwards is up to conf/supervise/plan.h.
#ifndef CONF_SUPERVISE_CHILD_H
#define CONF_SUPERVISE_CHILD_H

#include <sys/types.h>
#include "conf/supervise/list.h"

// Starts it as the leader of a new process group. A program writes to logs/NAME.log and has its number in
// pids/NAME.pid; a task writes where the supervisor writes. Returns the process, or -1 (logged).
MUST_USE pid_t child_start(const struct program *program, const char *base);

// Removes the pid file of a program that has ended and will not be started again.
void child_forget(const struct program *program, const char *base);

#endif
