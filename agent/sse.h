/*
 * sse: the parser of an event stream (WHATWG HTML, 9.2.6 "Interpreting an event stream"), fed with bytes as they
 * arrive, cut anywhere. It knows no connection and no time. A line or an event beyond the bound is an error, after
 * which the parser must not be fed again.
 */
#ifndef AGENT_SSE_H
#define AGENT_SSE_H

#include <stddef.h>

#include "agent/text.h"

struct sse;

/* `name` is "message" where the stream gave none. Both strings are NUL-terminated and live until the call returns. */
struct sse_event {
    const char *name;
    const char *data;
    size_t data_len;
};

struct sse_sink {
    /* Non-zero stops the feeding, and is what sse_feed returns. */
    int (*on_event)(void *arg, const struct sse_event *event);
    /* `retry:` in milliseconds; may be NULL. */
    void (*on_retry)(void *arg, long ms);
    void *arg;
};

#define SSE_TOO_LONG (-2)

struct sse *sse_new(const struct sse_sink *sink, size_t max_event);
void sse_free(struct sse *sse);
/* A new connection: forgets what is half read, and keeps the last event id. */
void sse_restart(struct sse *sse);
/* 0, SSE_TOO_LONG, or what the sink returned. */
int sse_feed(struct sse *sse, const char *p, size_t n) MUST_USE;
/* The last event ID string, "" if none was seen. */
const char *sse_last_id(const struct sse *sse);

#endif
