// SPDX-License-Identifier: Apache-2.0
// events: takes the events out of a model server's stream, fed with bytes cut anywhere. Pure. It is laxer than the
// standard (agent/sse.h reads our own server): model servers leave out the empty line between two events or behind the
// last one, send empty `data:` lines, or JSON without a field name, perhaps over several lines.
#ifndef AGENT_MODEL_EVENTS_H
#define AGENT_MODEL_EVENTS_H

#include "base/buf.h"
#include "base/must.h"

struct events;

struct events_sink {
    // `name` is "" where the stream gave none; `data` is trimmed and not empty. Non-zero stops the feeding.
    int (*on_event)(void *arg, const char *name, struct str data);
    void *arg;
};

#define EVENTS_TOO_LONG (-2)

enum events_kind { EVENTS_UNDECIDED, EVENTS_STREAM, EVENTS_NONE };

// Whether a body that begins like this is a stream; undecided as long as more bytes may tell.
enum events_kind events_kind(struct str beginning);

// An event or a line longer than `max_bytes` is an error, after which nothing more must be fed.
struct events *events_new(const struct events_sink *sink, size_t max_bytes);
void events_free(struct events *events);
// 0, EVENTS_TOO_LONG, or what the sink returned.
int events_feed(struct events *events, struct str bytes) MUST_USE;
// The end of the stream: an event without its empty line is one all the same.
int events_finish(struct events *events) MUST_USE;

#endif
