// SPDX-License-Identifier: Apache-2.0
// Bodies with Content-Encoding gzip (RFC 1952) or deflate (RFC 1950: zlib's header). Which it is they say themselves.
// The bound is on what comes out: a few kilobytes can stand for gigabytes.
#ifndef INGEST_GUNZIP_H
#define INGEST_GUNZIP_H

#include "base/buf.h"

enum gunzip_outcome {
    GUNZIP_OK,
    GUNZIP_BROKEN,  // neither, cut short, or with a wrong checksum
    GUNZIP_TOO_BIG, // over `most` bytes; nothing beyond them was inflated
};

// Appends what `packed` holds to `out`, which then has at most `most` bytes more. Several members one after the other
// are one text, as gzip(1) reads them.
MUST_USE enum gunzip_outcome gunzip(struct buf *out, struct str packed, size_t most);

#endif
