// Starting one program of the list: its process group, its user, its log, its end when the supervisor dies. What
// becomes of it afterwards is plan.h's.
#ifndef ADMIN_SUPERVISE_CHILD_H
#define ADMIN_SUPERVISE_CHILD_H

#include <sys/types.h>
#include "admin/supervise/list.h"

// Starts it as the leader of a new process group. A program writes to logs/NAME.log and has its number in
// pids/NAME.pid, a task writes where the supervisor writes. The process, or -1 (logged).
MUST_USE pid_t child_start(const struct program *program, const char *base);

// Takes the pid file away: the program has ended and is not wanted back.
void child_forget(const struct program *program, const char *base);

#endif
