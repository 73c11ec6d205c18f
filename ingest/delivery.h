// SPDX-License-Identifier: Apache-2.0
// One request of a client from its body to its answer, without HTTP and without a database: content encoding, the
// protocol's reader, the tree, and the answer in the protocol's own words. Statuses are chosen for what clients do with
// them: 400 and 413 make them drop a request for good, 503 makes them send it again, and nothing else is ever said
// because of what is in an item.
#ifndef INGEST_DELIVERY_H
#define INGEST_DELIVERY_H

#include "ingest/response.h"
#include "ingest/tree.h"

enum delivery_kind {
    DELIVERY_OTLP_TRACES,
    DELIVERY_OTLP_LOGS,
    DELIVERY_OTLP_METRICS, // taken and not kept
    DELIVERY_LANGSMITH_MULTIPART,
    DELIVERY_LANGSMITH_BATCH,
    DELIVERY_LANGSMITH_RUN,
    DELIVERY_LANGFUSE,
    DELIVERY_AGENTS,
    DELIVERY_GENKIT,
    DELIVERY__MAX
};

enum { DELIVERY_BODY_MAX = 64 * 1024 * 1024 }; // before and after inflation

struct delivery {
    enum delivery_kind kind;
    struct str content_type;     // STR_NONE: not said
    struct str content_encoding; // STR_NONE: none
    struct str run;              // of PATCH /runs/{run}
    struct buf body;             // owned; given back as soon as it is not needed
};

// Reads the delivery into the sink and fills the answer, which is all zero before. The body is freed.
void delivery_read(struct delivery *delivery, const struct tree_options *options, const struct tree_sink *sink,
                   struct response *response);

#endif
