// SPDX-License-Identifier: Apache-2.0
// What Genkit sends to its telemetry server while GENKIT_ENV is dev: a trace with an object of its spans by id, again
// and again as it grows.
#ifndef INGEST_GENKIT_H
#define INGEST_GENKIT_H

#include "ingest/delivery.h"
#include "ingest/rules.h"

// POST /api/traces: {"traceId", "displayName", "spans": {"<id>": {…}}}.
extern const struct protocol genkit_traces;
extern const struct dialect genkit_dialect;

#endif
