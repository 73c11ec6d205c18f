// SPDX-License-Identifier: Apache-2.0
// What the writers of streamed steps (overload_agents.c) and their readers (overload_readers.c), processes of their
// own, share.
//
// A step's text is records of equal length, each the moment at which it was due: whoever reads one knows its age.
#ifndef TESTS_BENCH_OVERLOAD_H
#define TESTS_BENCH_OVERLOAD_H

#include <stdatomic.h>
#include <stddef.h>
#include "tests/bench/histogram.h"

enum { OVERLOAD_SESSIONS_MAX = 64, OVERLOAD_TEXT_MAX = 1 << 18, OVERLOAD_RECORD = 20 };

// The text of the step that is open in a session; whole bytes up to n.
struct overload_text {
    atomic_size_t n;
    char bytes[OVERLOAD_TEXT_MAX];
};

struct overload {
    atomic_long greeted;   // readers
    atomic_long pieces;    // events of progress that came
    atomic_long finals;    // completions that came
    atomic_long wrong;     // texts, whole or in part, that are not what was written
    struct histogram ages; // of records, as each reader got them
    struct overload_text texts[OVERLOAD_SESSIONS_MAX];
};

// Reads `readers` streams of each session until its parent ends it.
_Noreturn void overload_read(struct overload *shared, const char *port, const char *workspace, const char *token,
                             int readers, char *const *sessions, int n);

#endif
