// SPDX-License-Identifier: Apache-2.0
// Where a dialect keeps what we want to know of a span: a table in its protocol's file, whose rows are tried in their
// order; the first place that has a value wins.
#ifndef INGEST_RULES_H
#define INGEST_RULES_H

#include "ingest/span.h"

enum field {
    FIELD_KIND, // the client's own word for what kind of operation this is
    // Of the session.
    FIELD_THREAD,
    FIELD_USER,
    FIELD_TRACE_NAME,
    FIELD_TAGS,
    FIELD_ENVIRONMENT,
    FIELD_PROJECT,
    FIELD_CLIENT,
    FIELD_CLIENT_VERSION,
    FIELD_METADATA,
    FIELD_RELEASE,
    FIELD_SYSTEM_PROMPT, // where it is not the first message
    FIELD_TOOLS,         // schemas offered to a model
    // Of a step.
    FIELD_INPUT,
    FIELD_OUTPUT,
    FIELD_REASONING, // where it does not stand in the output
    FIELD_TOOL_CALLS,
    FIELD_TOOL_NAME,
    FIELD_DOCUMENTS,
    FIELD_MODEL,
    FIELD_ERROR_CODE,
    FIELD_ERROR_MESSAGE,
    // Usage. The order is that of enum usage_count.
    FIELD_INPUT_TOKENS,
    FIELD_OUTPUT_TOKENS,
    FIELD_REASONING_TOKENS,
    FIELD_CACHE_READ_TOKENS,
    FIELD_CACHE_WRITE_TOKENS,
    FIELD_TOTAL_TOKENS,
    FIELD_COST,
    FIELD__MAX
};

enum place { ATTRIBUTE, RESOURCE };

// The rows of a field stand together, and the fields in the order of their enum.
struct rule {
    enum field field;
    enum place place;
    const char *path; // in the attributes, as span_attribute() takes it; in the resource, a whole key
};

// How one kind of clients tells of its work: a constant beside the reader of its protocol.
struct dialect {
    struct str source;      // what its sessions' source is called
    bool is_general;        // its spans may be any program's: what is no agent's is not shown
    bool has_texts_in_data; // a span's input and output stand within its data, too
    bool sums_tasks;        // a task repeats the usage of the calls of models below it
    const struct rule *rules;
    size_t rules_n;
};

#define DIALECT_RULES(table) .rules = (table), .rules_n = sizeof(table) / sizeof(table)[0]

// The value, or NULL. It lives as long as the span.
struct json_object *rules_find(struct span *s, enum field field);
// The same as a text; STR_NONE if it is none or empty.
struct str rules_text(struct span *s, enum field field);

// True if the attribute as a whole is a place of the field's, so that it need not be kept a second time.
bool rules_consumes(const struct dialect *dialect, enum field field, struct str attribute);

#endif
