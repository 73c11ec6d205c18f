// SPDX-License-Identifier: Apache-2.0
// sse: a parser for event streams (WHATWG HTML, 9.2.6 "Interpreting an event stream"), fed with bytes as they arrive,
// cut anywhere. It knows no connection and no time. A line or an event beyond the bound is an error, after which the
// parser must not be fed again. Streams of model servers are read by agent/model/events.h, which is laxer.
#ifndef AGENT_SSE_H
#define AGENT_SSE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/must.h"

struct sse;

// `name` is "message" where the stream gave none. Both strings are NUL-terminated and live until the call returns.
struct sse_event {
    const char *name;
    const char *data;
    size_t data_len;
};

struct sse_sink {
    // A non-zero result stops the feeding, and is what sse_feed() returns.
    int (*on_event)(void *arg, const struct sse_event *event);
    // `retry:` in milliseconds; may be NULL.
    void (*on_retry)(void *arg, long ms);
    void *arg;
};

#define SSE_TOO_LONG (-2)

struct sse *sse_new(const struct sse_sink *sink, size_t max_event);
void sse_free(struct sse *sse);
// Begins a new connection: forgets what is half read, and keeps the last event id.
void sse_restart(struct sse *sse);
// Returns 0, SSE_TOO_LONG, or what the sink returned.
int sse_feed(struct sse *sse, const char *p, size_t n) MUST_USE;
// Returns the last event ID, "" if there was none.
const char *sse_last_id(struct sse *sse);

#endif
