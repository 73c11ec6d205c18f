// SPDX-License-Identifier: Apache-2.0
// spans: how the programs hand what they tell of their own requests to the process that sends it to a collector
// (admin/commands/spans.c). A message of SOCKET_SPANS is one span with its scope, an element of OTLP/JSON's
// `scopeSpans`. What comes back is how many spans of this connection the process had to give up, as an int64_t. Nobody
// waits here: while the process is away, or its queue is full, a span is lost.
#ifndef WIRE_SPANS_H
#define WIRE_SPANS_H

#include <stdint.h>
#include "base/buf.h"
#include "base/must.h"

// The longest message.
enum { SPANS_BYTES = 8192 };

struct spans;

// It connects when something is sent, so that it can be made before a fork.
struct spans *spans_new(const char *path);
void spans_free(struct spans *spans);

// Returns how many spans are now known to be lost that were not before: this one, and those that were given up.
MUST_USE int64_t spans_send(struct spans *spans, struct str span);

// Appends an attribute with a text, as OTLP/JSON has it, for both who make spans and who send them on.
void spans_print_attribute(struct buf *out, const char *key, struct str value);

#endif
