// SPDX-License-Identifier: Apache-2.0
// What the OpenAI Agents SDK exports: objects "trace", which name a run, and "trace.span".
#ifndef INGEST_AGENTS_H
#define INGEST_AGENTS_H

#include "ingest/delivery.h"
#include "ingest/rules.h"

// POST /v1/traces/ingest: {"data": […]}.
extern const struct protocol agents_traces;
extern const struct dialect agents_dialect;

#endif
