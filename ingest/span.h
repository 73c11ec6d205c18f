// SPDX-License-Identifier: Apache-2.0
// One operation as a client told it, whatever the transport: what ingest/tree.h turns into a step. A transport fills
// what its wire has fields for; everything else stays in `attributes` as it came, for its dialect's tables.
// The texts are views that live until span_fini(), or longer.
#ifndef INGEST_SPAN_H
#define INGEST_SPAN_H

#include "ingest/value.h"

struct dialect;

enum { SPAN_INSIDES = 8 };

struct span {
    const struct dialect *dialect; // who speaks: where to look for what (ingest/rules.h)
    struct str trace;              // external id of the trace; without one there is no span
    struct str id;                 // external id; STR_NONE: the message is about the trace as a whole
    struct str parent;             // external id; STR_NONE: the root
    struct str alias;              // another id by which children name this span as their parent; STR_NONE: none
    struct str name;
    int64_t started_us; // 0: not said
    int64_t ended_us;   // 0: still open, or not said
    bool is_failed;
    bool is_ok;                     // said to have gone well, whatever else is said
    struct str error;               // with is_failed: its text as it came, often with a stack behind it
    bool is_remote_parent;          // the parent is another process's: this is our root
    bool is_trace_unsaid;           // `trace` is only the span's own id: which trace it is in follows from others
    bool is_parent_unsaid;          // the message says nothing of a parent, which is not to say that there is none
    struct json_object *attributes; // never NULL
    struct json_object *resource;   // borrowed, may be NULL
    struct json_object *events;     // array of {name, time, attributes}; may be NULL
    struct json_object *links;      // array of {traceId, spanId, attributes}; may be NULL
    struct str scope;               // of the instrumentation, and its version
    struct str scope_version;
    struct json_object *scratch; // an array that keeps what was read out of texts of this span
    // The texts that were looked into last, and what was in them. No text of a span is replaced once it was.
    struct {
        const char *text;
        struct json_object *inside;
    } insides[SPAN_INSIDES];
    size_t insides_n;
};

// All fields empty, with an empty object of attributes.
void span_init(struct span *s, const struct dialect *dialect);
void span_fini(struct span *s);

// True if it names a trace and itself, by ids of at most 200 bytes. What tells of the trace as a whole has no id.
bool span_has_ids(const struct span *s, bool is_of_trace);

// The value at `path` of the attributes: keys divided by '/', numbers for elements of arrays. Where a text stands in
// the way that holds JSON, the path goes on inside of it: many clients write JSON into texts.
struct json_object *span_attribute(struct span *s, const char *path);
// The same from any value.
struct json_object *span_path(struct span *s, struct json_object *from, const char *path);

// What a text holds if it is an object, an array or a text in JSON; else the value itself. Lives as long as the span.
struct json_object *span_inside(struct span *s, struct json_object *value);

// True if there is an attribute of that name.
bool span_has(const struct span *s, struct str key);

// True if an attribute begins with `prefix`.
bool span_has_prefix(const struct span *s, const char *prefix);

#endif
