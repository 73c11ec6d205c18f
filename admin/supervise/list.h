// The list of programs to keep running, as `run` writes it: what to start, as whom, and how to end it. It holds no
// state of running processes; that is plan.h's.
//
// One directive a line, the rest of the line is its value (so a path may hold blanks); '#' begins a comment line:
//     base DIRECTORY          where everything runs, with logs/ and pids/ in it
//     program NAME            begins a program, kept running from here on; started in the order of the file
//     task NAME               begins a task: what follows it waits until it has exited with 0
//     exec PATH, arg VALUE    its command line
//     env KEY=VALUE           added to the supervisor's own environment
//     user NAME               whom it runs as; only the superuser can ask for that
//     remove PATH             unlinked, as that user, before each start: a socket that a killed program left
//     stop SIGNAL SECONDS     what asks it to end, and how long it may take: INT, TERM, QUIT or KILL
//     death SIGNAL            what it gets when the supervisor dies
//     realtime N              scheduled ahead of everything ordinary (SCHED_RR, priority N), if the superuser asks
#ifndef ADMIN_SUPERVISE_LIST_H
#define ADMIN_SUPERVISE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/must.h"

// Strings in a row, NULL behind the last: what execve wants.
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
    char *remove;
    int stop_signal;
    int stop_seconds;
    int death_signal;
    int realtime; // 0: it is not
};

struct list {
    char *base;
    struct program *programs;
    size_t n;
};

// Reads the file; what is wrong in it is logged with its line. The caller frees the list in both cases.
MUST_USE int list_read(struct list *list, const char *path);
void list_fini(struct list *list);

#endif
