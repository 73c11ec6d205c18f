// SPDX-License-Identifier: Apache-2.0
#include "conf/supervise/plan.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "conf/supervise/child.h"
#include "conf/supervise/stray.h"
#include "base/buf.h"
#include "base/log.h"

enum {
    STEADY_MS = 10000, // a program that ran this long begins again at the first delay
    CLEAR_MS = 5,      // between two looks for what a dead program left
    HURRY_MS = 1500,   // that a program may take to end in a hurry
};

static const int delays_ms[] = {0, 100, 500, 1000, 2000, 4000};
enum { DELAYS = sizeof delays_ms / sizeof *delays_ms };

enum state { SLOT_WAITING, SLOT_UP, SLOT_ENDING, SLOT_CLEARING, SLOT_DONE };

struct slot {
    const struct program *program;
    enum state state;
    pid_t pid;
    int64_t due_ms;
    int64_t since_ms;
    size_t failures;
};

struct plan {
    const char *base;
    struct slot *slots;
    pid_t *known;
    size_t n;
    size_t reached;
    bool stopping;
    bool hurry;
    bool failed;
};

struct plan *plan_new(const struct list *list)
{
    struct plan *plan = mem_zero(sizeof *plan);
    plan->base = list->base;
    plan->n = list->n;
    plan->slots = mem_zero(list->n * sizeof *plan->slots);
    plan->known = mem_zero(list->n * sizeof *plan->known);
    for (size_t i = 0; i < list->n; i++)
        plan->slots[i].program = &list->programs[i];
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->slots);
    free(plan->known);
    free(plan);
}

static int64_t delay_ms(struct slot *slot, int64_t now_ms)
{
    if (now_ms - slot->since_ms >= STEADY_MS)
        slot->failures = 0;
    size_t which = slot->failures < DELAYS ? slot->failures : DELAYS - 1;
    slot->failures++;
    return delays_ms[which];
}

static void start(struct plan *plan, struct slot *slot, int64_t now_ms)
{
    slot->since_ms = now_ms;
    slot->pid = child_start(slot->program, plan->base);
    if (slot->pid > 0) {
        slot->state = SLOT_UP;
        return;
    }
    slot->pid = 0;
    slot->due_ms = now_ms + delay_ms(slot, now_ms);
}

// True once nothing is left of a dead program: neither its group nor the processes that left the group and became ours.
static bool is_clear(struct plan *plan, const struct slot *slot)
{
    size_t n = 0;
    if (kill(-slot->pid, SIGKILL) == 0)
        return false;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->slots[i].state == SLOT_UP || plan->slots[i].state == SLOT_ENDING)
            plan->known[n++] = plan->slots[i].pid;
    return stray_kill_children(plan->known, n) == 0;
}

static void clear(struct plan *plan, struct slot *slot)
{
    if (!is_clear(plan, slot))
        return;
    slot->pid = 0;
    if (!plan->stopping && !slot->program->task) {
        slot->state = SLOT_WAITING;
        return;
    }
    slot->state = SLOT_DONE;
    child_forget(slot->program, plan->base);
}

static void keep(struct plan *plan, int64_t now_ms)
{
    for (size_t i = 0; i < plan->n && i <= plan->reached; i++) {
        struct slot *slot = &plan->slots[i];
        if (slot->state == SLOT_WAITING && slot->due_ms <= now_ms)
            start(plan, slot, now_ms);
        if (i == plan->reached && (!slot->program->task || slot->state == SLOT_DONE))
            plan->reached++;
    }
}

static void end(struct plan *plan, int64_t now_ms)
{
    size_t i = plan->n;
    while (i > 0 && plan->slots[i - 1].state == SLOT_DONE)
        i--;
    if (i == 0)
        return;
    struct slot *slot = &plan->slots[i - 1];
    if (slot->state == SLOT_WAITING) {
        slot->state = SLOT_DONE;
        child_forget(slot->program, plan->base);
    } else if (slot->state == SLOT_UP) {
        slot->state = SLOT_ENDING;
        slot->due_ms = now_ms + (plan->hurry ? HURRY_MS : slot->program->stop_s * 1000);
        (void)kill(slot->pid, plan->hurry ? slot->program->death_signal : slot->program->stop_signal);
    } else if (slot->state == SLOT_ENDING && slot->due_ms <= now_ms) {
        log_warning("%s did not end in time and is killed", slot->program->name);
        (void)kill(-slot->pid, SIGKILL);
        slot->due_ms = INT64_MAX;
    }
}

// Returns in how many milliseconds the slot has something to do; INT64_MAX: not before something happens.
static int64_t patience_ms(const struct slot *slot, int64_t now_ms)
{
    switch (slot->state) {
    case SLOT_WAITING:
    case SLOT_ENDING:
        return slot->due_ms > now_ms ? slot->due_ms - now_ms : 0;
    case SLOT_CLEARING:
        return CLEAR_MS;
    case SLOT_UP:
    case SLOT_DONE:
        break;
    }
    return INT64_MAX;
}

int plan_turn(struct plan *plan, int64_t now_ms)
{
    int64_t least_ms = INT64_MAX;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->slots[i].state == SLOT_CLEARING)
            clear(plan, &plan->slots[i]);
    if (plan->stopping)
        end(plan, now_ms);
    else
        keep(plan, now_ms);
    for (size_t i = 0; i < plan->n; i++) {
        // A slot that has not been reached yet, or whose turn to end has not come, does not wait for a time.
        if (plan->slots[i].state == SLOT_WAITING && (plan->stopping || i > plan->reached))
            continue;
        int64_t wait_ms = patience_ms(&plan->slots[i], now_ms);
        least_ms = wait_ms < least_ms ? wait_ms : least_ms;
    }
    if (plan->stopping && plan_finished(plan))
        return 0;
    if (least_ms > 60000)
        return plan->stopping ? CLEAR_MS : -1;
    return (int)least_ms;
}

static void say(const struct slot *slot, int status)
{
    const char *name = slot->program->name;
    if (WIFSIGNALED(status))
        log_warning("%s was ended by signal %d", name, WTERMSIG(status));
    else
        log_warning("%s ended with status %d", name, WEXITSTATUS(status));
}

void plan_exited(struct plan *plan, pid_t pid, int status, int64_t now_ms)
{
    size_t i = 0;
    while (i < plan->n && plan->slots[i].pid != pid)
        i++;
    if (i == plan->n)
        return;
    struct slot *slot = &plan->slots[i];
    bool good = slot->state == SLOT_ENDING || (slot->program->task && status == 0);
    slot->state = SLOT_CLEARING;
    if (!good)
        say(slot, status);
    if (slot->program->task && !good && !plan->stopping) {
        plan->failed = true;
        plan_stop(plan);
    }
    slot->due_ms = now_ms + delay_ms(slot, now_ms);
}

void plan_stop(struct plan *plan)
{
    plan->hurry = plan->stopping;
    plan->stopping = true;
    if (!plan->hurry)
        return;
    // The second time, a program that was sent its stop signal is sent its death signal too.
    for (size_t i = 0; i < plan->n; i++)
        if (plan->slots[i].state == SLOT_ENDING && plan->slots[i].due_ms != INT64_MAX)
            plan->slots[i].state = SLOT_UP;
}

bool plan_complete(const struct plan *plan)
{
    return plan->reached == plan->n;
}

bool plan_finished(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->slots[i].state != SLOT_DONE)
            return false;
    return true;
}

bool plan_failed(const struct plan *plan)
{
    return plan->failed;
}
