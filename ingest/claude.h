// SPDX-License-Identifier: Apache-2.0
// Claude Code's telemetry: spans that come when they end, and log records that come while it works. Both are about the
// same prompts, requests and tools, so a step's id is made of what both name: the id of the tool's use, and of the
// request to the model.
#ifndef INGEST_CLAUDE_H
#define INGEST_CLAUDE_H

#include "ingest/span.h"

// Gives a span of Claude Code's the ids that its log records have too. Other spans stay as they are.
void claude_apply(struct span *s);

// Makes a log record a span: `name` holds the event's name, `parent` the span that it was written in, `started_us` its
// time. False if it is no event that is a step.
bool claude_record(struct span *s);

#endif
