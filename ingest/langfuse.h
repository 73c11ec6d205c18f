// SPDX-License-Identifier: Apache-2.0
// Langfuse's own wire before version 5: events that create and update traces and observations.
#ifndef INGEST_LANGFUSE_H
#define INGEST_LANGFUSE_H

#include "ingest/report.h"
#include "ingest/tree.h"

// POST /api/public/ingestion: {"batch": [{"id", "type", "timestamp", "body"}]}. Each event is listed in the report.
enum read_outcome langfuse_read(struct str body, struct tree *tree, struct report *report);

#endif
