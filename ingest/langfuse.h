// SPDX-License-Identifier: Apache-2.0
// Langfuse's own wire before version 5: events that create and update traces and observations.
#ifndef INGEST_LANGFUSE_H
#define INGEST_LANGFUSE_H

#include "ingest/delivery.h"
#include "ingest/rules.h"

// POST /api/public/ingestion: {"batch": [{"id", "type", "timestamp", "body"}]}. Each event is listed in the report.
extern const struct protocol langfuse_events;
extern const struct dialect langfuse_dialect;

#endif
