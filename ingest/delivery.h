// SPDX-License-Identifier: Apache-2.0
// One request of a client from its body to its answer, without HTTP and without a database: content encoding, the
// protocol's reader, the tree, and the answer in the protocol's own words. It knows no protocol by name: their
// addresses name them (cgi/ingest_routes.c). Statuses are chosen for what clients do with them: 400 and 413 make them
// drop a request for good, 503 makes them send it again, and nothing else is ever said because of what is in an item.
#ifndef INGEST_DELIVERY_H
#define INGEST_DELIVERY_H

#include "ingest/response.h"
#include "ingest/tree.h"

enum { DELIVERY_BODY_MAX = 64 * 1024 * 1024 }; // before and after inflation

struct delivery;

// What one address of a protocol takes: a constant in the protocol's file.
struct protocol {
    // Gives the tree the spans of the body, item by item.
    enum read_outcome (*read)(const struct delivery *delivery, struct tree *tree, struct report *report);
    bool is_typed; // the content type says whether it is protobuf or JSON; the others send JSON, also without a type
    struct response_form response;
};

struct delivery {
    const struct protocol *protocol;
    struct str content_type;     // STR_NONE: not said
    struct str content_encoding; // STR_NONE: none
    struct str item;             // the id at the end of the address; STR_NONE: none
    struct buf body;             // owned; inflated when it is read, and given back as soon as it is not needed
    bool is_proto;               // set for the reader, of a protocol that is typed
};

// Reads the delivery into the sink and fills the answer, which is all zero before. The body is freed.
void delivery_read(struct delivery *delivery, const struct tree_options *options, const struct tree_sink *sink,
                   struct response *response);

#endif
