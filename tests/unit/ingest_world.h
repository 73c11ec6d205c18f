// SPDX-License-Identifier: Apache-2.0
// A store in memory for the tests of ingest/: it keeps sessions and steps by the rules of put (docs: ended beats open,
// fields fill what was empty, the same again changes nothing), and prints them in a stable form.
#ifndef TESTS_UNIT_INGEST_WORLD_H
#define TESTS_UNIT_INGEST_WORLD_H

#include "ingest/tree.h"

enum { WORLD_STEPS_MAX = 512, WORLD_SESSIONS_MAX = 16 };

struct world_step {
    size_t session;
    struct step step;
    size_t arrival;
};

struct world {
    struct arena arena;
    struct step_session sessions[WORLD_SESSIONS_MAX];
    size_t sessions_n;
    struct world_step steps[WORLD_STEPS_MAX];
    size_t steps_n;
    size_t changes;  // puts that changed anything
    size_t homeless; // puts into a session that there is not
    bool is_down;
};

void world_fini(struct world *w);
struct tree_sink world_sink(struct world *w);

// The tree alone: "name [kind] ended|open[ ERROR][ (parent stp_… never came)]", two spaces a level, siblings by start.
void world_print_tree(struct world *w, struct buf *out);
// Everything that people see of it.
void world_print_all(struct world *w, struct buf *out);

#endif
