// SPDX-License-Identifier: Apache-2.0
// From what ingest/ has made of a request to the store: sessions found or made, steps put, what came of it told to the
// pushers.
#ifndef CGI_INGEST_KEEP_H
#define CGI_INGEST_KEEP_H

#include "cgi/request.h"
#include "ingest/tree.h"

// What one request keeps, for the sink's context.
struct ingest_keep {
    struct request *request;
    const char *secret;
    int64_t refused;  // steps that their session no longer takes
    int64_t homeless; // spans of traces that show no AI
};

// A sink that writes through the store: -1 if the database is away.
struct tree_sink ingest_keep_sink(struct ingest_keep *keep);

#endif
