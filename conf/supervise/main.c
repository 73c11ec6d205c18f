// SPDX-License-Identifier: Apache-2.0
// trace-supervise: starts the programs of a list in the foreground, restarts those that die, and ends all of them when
// it ends. SIGINT, SIGTERM or SIGHUP ends everything in order, a second one in a hurry. It is the subreaper of all that
// it starts, and each program gets a signal when the supervisor dies, so that nothing outlives it even if it is killed.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "conf/supervise/list.h"
#include "conf/supervise/plan.h"
#include "conf/supervise/stray.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"

static const char usage[] =
    "usage: trace-supervise [--lock FD] [--until-eof] [--once] LIST\n"
    "       trace-supervise --clear MARK\n"
    "  --lock FD     a descriptor whose lock says that this instance runs; no program inherits it\n"
    "  --until-eof   also ends when standard input ends, so that it cannot outlive the process at the other end\n"
    "  --once        ends as soon as everything has been started and every task has succeeded; otherwise it fails\n"
    "  --clear MARK  only kills the processes that a killed supervisor left: those that have that file open\n";

struct options {
    const char *list;
    const char *clear;
    int64_t lock;
    bool until_eof;
    bool once;
};

static int read_options(struct options *options, int argc, char **argv)
{
    *options = (struct options){.lock = -1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--until-eof") == 0)
            options->until_eof = true;
        else if (strcmp(argv[i], "--once") == 0)
            options->once = true;
        else if (strcmp(argv[i], "--lock") == 0 && i + 1 < argc &&
                 str_to_i64(str_from(argv[i + 1]), &options->lock) == 0)
            i++;
        else if (strcmp(argv[i], "--clear") == 0 && i + 1 < argc)
            options->clear = argv[++i];
        else if (argv[i][0] != '-' && !options->list)
            options->list = argv[i];
        else
            return -1;
    }
    return !options->list == !options->clear ? -1 : 0;
}

static void reap(struct plan *plan)
{
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        plan_exited(plan, pid, status, clock_mono_ms());
}

static void take_signals(struct plan *plan, int fd)
{
    for (struct signalfd_siginfo info; read(fd, &info, sizeof info) == (ssize_t)sizeof info;)
        if (info.ssi_signo != SIGCHLD)
            plan_stop(plan);
    reap(plan);
}

static bool input_ended(void)
{
    char bytes[256];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void loop(struct plan *plan, int signals, const struct options *options)
{
    struct pollfd wait[2] = {{.fd = signals, .events = POLLIN},
                             {.fd = options->until_eof ? STDIN_FILENO : -1, .events = POLLIN}};
    bool stopped = false;
    for (;;) {
        int patience_ms = plan_turn(plan, clock_mono_ms());
        if (plan_finished(plan))
            return;
        if (options->once && plan_complete(plan) && !stopped) {
            stopped = true;
            plan_stop(plan);
            continue;
        }
        if (poll(wait, 2, patience_ms) < 0 && errno != EINTR)
            abort();
        take_signals(plan, signals);
        if (wait[1].fd >= 0 && wait[1].revents && input_ended()) {
            wait[1].fd = -1;
            plan_stop(plan);
        }
    }
}

static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int mark(const struct list *list)
{
    struct buf path = {0};
    buf_printf(&path, "%s/mark", list->base);
    int result = stray_mark(buf_cstr(&path));
    buf_fini(&path);
    return result;
}

int main(int argc, char **argv)
{
    int result = EXIT_FAILURE;
    int signals = -1;
    struct options options;
    struct list list;
    struct plan *plan = NULL;
    if (version_answered("trace-supervise", argc, argv))
        return 0;
    if (read_options(&options, argc, argv)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    log_init("trace-supervise", LOG_INFO);
    if (options.clear)
        return stray_mark(options.clear) ? EXIT_FAILURE : EXIT_SUCCESS;
    if (list_read(&list, options.list))
        goto out;
    if (options.lock >= 0 && fcntl((int)options.lock, F_SETFD, FD_CLOEXEC)) {
        log_error("--lock: %s", strerror(errno));
        goto out;
    }
    signals = open_signals();
    if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) {
        log_error("cannot supervise: %s", strerror(errno));
        goto out;
    }
    if (mark(&list))
        goto out;
    plan = plan_new(&list);
    loop(plan, signals, &options);
    result = plan_failed(plan) || (options.once && !plan_complete(plan)) ? EXIT_FAILURE : EXIT_SUCCESS;
out:
    plan_free(plan);
    list_fini(&list);
    if (signals >= 0)
        (void)close(signals);
    return result;
}
