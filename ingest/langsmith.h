// SPDX-License-Identifier: Apache-2.0
// LangSmith's wire, which every app on LangChain or LangGraph speaks once three environment variables are set: runs
// that are posted when they begin and patched when they end.
#ifndef INGEST_LANGSMITH_H
#define INGEST_LANGSMITH_H

#include "ingest/delivery.h"

// POST /runs/multipart: parts "post.<run>", "patch.<run>", and behind each its fields, "post.<run>.inputs".
extern const struct protocol langsmith_multipart;

// POST /runs/batch: {"post": […], "patch": […]}.
extern const struct protocol langsmith_batch;

// POST /runs, and PATCH /runs/{run} with the id from the path (STR_NONE: from the body).
extern const struct protocol langsmith_run;

// GET /info: what makes published clients send soon and often: each operation at once, gzip, no zstd.
struct str langsmith_info(void);

#endif
