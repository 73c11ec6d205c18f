// SPDX-License-Identifier: Apache-2.0
#include "cgi/prefork.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/manager.h"
#include "base/signals.h"

static const int64_t SECOND_NS = INT64_C(1000000000);
enum { PATIENCE_S = 10, RETRY_MS = 200 };

struct slot {
    pid_t pid;          // 0: to be started
    int64_t started_ns; // CLOCK_MONOTONIC
};

static pid_t start(void (*work)(void *, int), void *context, int index)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0) {
        if (pid < 0)
            log_error("cannot fork a worker: %s", strerror(errno));
        return pid;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(0);
    work(context, index);
    exit(0);
}

static struct slot *slot_of(struct slot *slots, int n, pid_t pid)
{
    for (int i = 0; i < n; i++)
        if (slots[i].pid == pid)
            return &slots[i];
    return NULL;
}

static void collect(struct slot *slots, int n, bool is_stopping)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct slot *slot = slot_of(slots, n, pid);
        if (!slot)
            continue;
        slot->pid = 0;
        if (WIFSIGNALED(status) && !is_stopping)
            log_error("worker %d was killed by signal %d", (int)pid, WTERMSIG(status));
        else if (!is_stopping)
            log_error("worker %d ended with status %d", (int)pid, WEXITSTATUS(status));
    }
}

// Starts the missing workers, but one that lived less than a second only once a second. Returns true if some must wait.
static bool fill(struct slot *slots, int n, void (*work)(void *, int), void *context)
{
    bool must_wait = false;
    for (int i = 0; i < n; i++) {
        int64_t now_ns = clock_mono_ns();
        if (slots[i].pid > 0)
            continue;
        if (slots[i].started_ns && now_ns - slots[i].started_ns < SECOND_NS) {
            must_wait = true;
            continue;
        }
        slots[i].started_ns = now_ns;
        slots[i].pid = start(work, context, i);
        if (slots[i].pid < 0) {
            slots[i].pid = 0;
            must_wait = true;
        }
    }
    return must_wait;
}

static void signal_all(const struct slot *slots, int n, int signal)
{
    for (int i = 0; i < n; i++)
        if (slots[i].pid > 0)
            (void)kill(slots[i].pid, signal);
}

static bool all_gone(const struct slot *slots, int n)
{
    for (int i = 0; i < n; i++)
        if (slots[i].pid > 0)
            return false;
    return true;
}

static void stop(struct slot *slots, int n, const sigset_t *signals)
{
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_S * SECOND_NS;
    signal_all(slots, n, SIGTERM);
    for (;;) {
        collect(slots, n, true);
        if (all_gone(slots, n))
            return;
        if (clock_mono_ns() > deadline_ns)
            signal_all(slots, n, SIGKILL);
        const struct timespec wait = {0, 100000000};
        (void)sigtimedwait(signals, NULL, &wait);
    }
}

int prefork_run(int n, void (*work)(void *, int), void *context)
{
    sigset_t signals = signals_ending();
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    struct slot *slots = mem_zero((size_t)n * sizeof *slots);
    manager_ready();
    for (;;) {
        int64_t pause_ms = fill(slots, n, work, context) ? RETRY_MS : manager_pulse_ms();
        const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
        int signal = sigtimedwait(&signals, NULL, &pause);
        if (signal == SIGTERM || signal == SIGINT)
            break;
        collect(slots, n, false);
        manager_alive();
    }
    manager_stopping();
    stop(slots, n, &signals);
    free(slots);
    return 0;
}
