// SPDX-License-Identifier: Apache-2.0
// The list of programs to keep running, as `run` writes it: what to start, as which user, and how to end it. The state
// of running processes is not kept here but in conf/supervise/plan.h.
//
// Each line has one directive, and the rest of the line is its value (so a path may contain blanks); '#' begins a
// comment line:
//     base DIRECTORY          where everything runs, with logs/ and pids/ in it
//     program NAME            begins a program, which is kept running; programs start in the order of the file
//     task NAME               begins a task: what follows it waits until it has exited with 0
//     exec PATH, arg VALUE    its command line
//     env KEY=VALUE           added to the supervisor's own environment
//     user NAME               the user that it runs as, for which the supervisor must run as the superuser
//     netns PATH              the network namespace that it runs in, for which the supervisor must be the superuser
//     remove PATH             unlinked, as that user, before each start: a socket that a killed program left
//     stop SIGNAL SECONDS     the signal that asks it to end (INT, TERM, QUIT or KILL), and how long it may take
//     death SIGNAL            the signal that it gets when the supervisor dies
//     realtime N              scheduled ahead of ordinary processes (SCHED_RR, priority N) if the supervisor may do
//     that
#ifndef CONF_SUPERVISE_LIST_H
#define CONF_SUPERVISE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include "base/must.h"

// An array of strings with NULL behind the last, as for execve(2).
struct words {
    char **v;
    size_t n;
};

struct program {
    char *name;
    bool task;
    struct words argv;
    struct words env;
    char *user;
    char *netns;
    char *remove;
    int stop_signal;
    int stop_s;
    int death_signal;
    int realtime; // priority; 0: it is scheduled as usual
};

struct list {
    char *base;
    struct program *programs;
    size_t n;
};

// Reads the file. 0, or -1 after logging what is wrong and in which line. The caller frees the list in both cases.
MUST_USE int list_read(struct list *list, const char *path);
void list_fini(struct list *list);

#endif
