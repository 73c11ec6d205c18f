// SPDX-License-Identifier: Apache-2.0
// Tokens and cost of a span. Only calls of models are counted: what agents and roots say repeats it.
#ifndef INGEST_USAGE_H
#define INGEST_USAGE_H

#include "ingest/span.h"
#include "ingest/step.h"

// False if the span says nothing of it.
bool usage_read(struct span *s, struct step_usage *usage);

#endif
