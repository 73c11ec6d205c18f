// SPDX-License-Identifier: Apache-2.0
// The frame of a protobuf message: its fields one after the other, as they stand in the bytes
// (protobuf.dev/programming-guides/encoding). What a field means is the caller's to know.
#ifndef INGEST_WALK_H
#define INGEST_WALK_H

#include "base/buf.h"

struct walk {
    struct str rest;
    bool is_broken; // the bytes ended within a field, or are no field
};

// The next field that holds bytes (a text or a message), other kinds are skipped. False at the end and where the
// message is broken.
MUST_USE bool walk_next(struct walk *w, uint32_t *number, struct str *bytes);

#endif
