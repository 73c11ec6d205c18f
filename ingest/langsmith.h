// SPDX-License-Identifier: Apache-2.0
// LangSmith's wire, which every app on LangChain or LangGraph speaks once three environment variables are set: runs
// that are posted when they begin and patched when they end.
#ifndef INGEST_LANGSMITH_H
#define INGEST_LANGSMITH_H

#include "ingest/report.h"
#include "ingest/tree.h"

// POST /runs/multipart: parts "post.<run>", "patch.<run>", and behind each its fields, "post.<run>.inputs".
enum read_outcome langsmith_read_multipart(struct str body, struct str content_type, struct tree *tree,
                                           struct report *report);

// POST /runs/batch: {"post": […], "patch": […]}.
enum read_outcome langsmith_read_batch(struct str body, struct tree *tree, struct report *report);

// POST /runs, and PATCH /runs/{run} with the id from the path (STR_NONE: from the body).
enum read_outcome langsmith_read_run(struct str body, struct str run, struct tree *tree, struct report *report);

// GET /info: what makes published clients send soon and often: each operation at once, gzip, no zstd.
struct str langsmith_info(void);

#endif
