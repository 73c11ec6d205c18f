// SPDX-License-Identifier: Apache-2.0
// multipart/form-data (RFC 7578), strictly: parts between boundaries, each with a name. Nothing is copied.
#ifndef INGEST_MULTIPART_H
#define INGEST_MULTIPART_H

#include "base/buf.h"

enum { MULTIPART_BOUNDARY_MAX = 70 }; // RFC 2046, 5.1.1

struct multipart {
    struct str rest;
    char delimiter[MULTIPART_BOUNDARY_MAX + 4]; // CRLF, two hyphens, the boundary
    size_t delimiter_n;
    bool is_broken; // the body ended before its last boundary, or a part has no name
};

struct multipart_part {
    struct str name;
    struct str type; // STR_NONE: not said
    struct str content;
};

// Begins with the body that has this Content-Type. False if that names no boundary, or the body does not begin with it.
MUST_USE bool multipart_open(struct multipart *m, struct str content_type, struct str body);

// The next part. False at the end and where the body is broken.
MUST_USE bool multipart_next(struct multipart *m, struct multipart_part *part);

#endif
