// SPDX-License-Identifier: Apache-2.0
// What Genkit sends to its telemetry server while GENKIT_ENV is dev: a trace with an object of its spans by id, again
// and again as it grows.
#ifndef INGEST_GENKIT_H
#define INGEST_GENKIT_H

#include "ingest/report.h"
#include "ingest/tree.h"

// POST /api/traces: {"traceId", "displayName", "spans": {"<id>": {…}}}.
enum read_outcome genkit_read(struct str body, struct tree *tree, struct report *report);

#endif
