// Keeps the programs of a list running: starts them in order, restarts what dies once nothing of it is left, and ends
// them in the opposite order. It knows processes and times; signals and waiting are supervise.c's.
//
//     WAITING -> UP -> CLEARING -> WAITING ...        a program that dies
//                UP -> ENDING -> CLEARING -> DONE     one that is asked to end
//                UP -> CLEARING -> DONE               a task
// Invariant: only the highest slot that is not DONE is ENDING; no slot is started while `stopping`.
#ifndef ADMIN_SUPERVISE_PLAN_H
#define ADMIN_SUPERVISE_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "admin/supervise/list.h"

struct plan;

struct plan *plan_new(const struct list *list);
void plan_free(struct plan *plan);

// Does what is due. Milliseconds until it wants to be called again, -1: not before something happens.
int plan_turn(struct plan *plan, int64_t now_ms);

// A child has ended; one that is not in the plan is none of its business.
void plan_exited(struct plan *plan, pid_t pid, int status, int64_t now_ms);

// Asks everything to end; asked again, it hurries.
void plan_stop(struct plan *plan);
// Everything has been started once, and every task has succeeded.
bool plan_complete(const struct plan *plan);
// Everything has ended after plan_stop.
bool plan_finished(const struct plan *plan);
// A task failed, so everything ended.
bool plan_failed(const struct plan *plan);

#endif
