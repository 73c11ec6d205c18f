// SPDX-License-Identifier: Apache-2.0
// What the OpenAI Agents SDK exports: objects "trace", which name a run, and "trace.span".
#ifndef INGEST_AGENTS_H
#define INGEST_AGENTS_H

#include "ingest/report.h"
#include "ingest/tree.h"

// POST /v1/traces/ingest: {"data": […]}.
enum read_outcome agents_read(struct str body, struct tree *tree, struct report *report);

#endif
