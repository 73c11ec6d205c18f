// SPDX-License-Identifier: Apache-2.0
// Keeps the programs of a list running: starts them in order, restarts those that die once nothing of them is left, and
// ends them in the opposite order. Time is handed in; receiving signals and waiting are conf/supervise/main.c's part.
//
//     WAITING -> UP -> CLEARING -> WAITING ...        a program that dies
//                UP -> ENDING -> CLEARING -> DONE     one that is asked to end
//                UP -> CLEARING -> DONE               a task
// Invariant: only the highest slot that is not DONE is ENDING; no slot is started while `stopping`.
#ifndef CONF_SUPERVISE_PLAN_H
#define CONF_SUPERVISE_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "conf/supervise/list.h"

struct plan;

struct plan *plan_new(const struct list *list);
void plan_free(struct plan *plan);

// Does what is due. Returns in how many milliseconds it must be called again; -1: not before something happens.
int plan_turn(struct plan *plan, int64_t now_ms);

// A child has ended; one that is not in the plan is ignored.
void plan_exited(struct plan *plan, pid_t pid, int status, int64_t now_ms);

// Asks everything to end; called again, it hurries.
void plan_stop(struct plan *plan);
// Everything has been started once, and every task has succeeded.
bool plan_complete(const struct plan *plan);
// Everything has ended after plan_stop.
bool plan_finished(const struct plan *plan);
// A task failed, so everything ended.
bool plan_failed(const struct plan *plan);

#endif
