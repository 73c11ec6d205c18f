// SPDX-License-Identifier: Apache-2.0
// Where each dialect keeps what we want to know of a span: a table, one row a rule. A field's rows are tried in their
// order; the first that finds a value wins.
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

// The value, or NULL. It lives as long as the span.
struct json_object *rules_find(struct span *s, enum field field);
// The same as a text; STR_NONE if it is none or empty.
struct str rules_text(struct span *s, enum field field);

// True if the attribute as a whole is a place of the field's, so that it need not be kept a second time.
bool rules_consumes(enum field field, struct str attribute);

#endif
