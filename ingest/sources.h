// SPDX-License-Identifier: Apache-2.0
// Sources out of what a retriever or a search tool found, in the API's shape. Only http and https; what cannot be one
// is left out.
#ifndef INGEST_SOURCES_H
#define INGEST_SOURCES_H

#include "ingest/span.h"

// Appends a JSON array, or nothing if there is no source: of the documents of a retrieval, else of the `results` with a
// `url` in what a tool answered (NULL: none). `keys` gets an array as long: what makes each the same as another.
void sources_print(struct buf *out, struct buf *keys, struct span *s, struct json_object *result);

#endif
