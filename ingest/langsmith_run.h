// SPDX-License-Identifier: Apache-2.0
// One run of LangSmith's, whatever it came in: where it says what, and its place among others.
#ifndef INGEST_LANGSMITH_RUN_H
#define INGEST_LANGSMITH_RUN_H

#include "ingest/report.h"
#include "ingest/rules.h"
#include "ingest/tree.h"

extern const struct dialect langsmith_dialect;

// Gives the run whose object is s->attributes to the tree. `run`: its id, if the object has none. `is_patch`: it is
// said of a run that there is. 0, or -1 if the sink has refused.
MUST_USE int langsmith_run_take(struct span *s, struct str run, bool is_patch, struct tree *tree,
                                struct report *report);

#endif
