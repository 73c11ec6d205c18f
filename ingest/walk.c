// SPDX-License-Identifier: Apache-2.0
#include "ingest/walk.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5, VARINT_BYTES_MAX = 10 };

static bool take_varint(struct str *rest, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < rest->n && i < VARINT_BYTES_MAX; i++) {
        unsigned char byte = (unsigned char)rest->p[i];
        *value |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *rest = str_skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

// How many bytes the value of that kind has; false if it does not end, or is of a kind that there is not.
static bool value_length(struct str *rest, uint64_t kind, uint64_t *length)
{
    struct str after = *rest;
    uint64_t ignored;
    switch (kind) {
    case WIRE_VARINT:
        if (!take_varint(&after, &ignored))
            return false;
        *length = rest->n - after.n;
        break;
    case WIRE_FIXED64:
        *length = 8;
        break;
    case WIRE_FIXED32:
        *length = 4;
        break;
    case WIRE_BYTES:
        if (!take_varint(rest, length))
            return false;
        break;
    default:
        return false;
    }
    return *length <= rest->n;
}

bool walk_next(struct walk *w, uint32_t *number, struct str *bytes)
{
    while (w->rest.n && !w->is_broken) {
        uint64_t tag, length;
        if (!take_varint(&w->rest, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX ||
            !value_length(&w->rest, tag & 7, &length)) {
            w->is_broken = true;
            break;
        }
        *number = (uint32_t)(tag >> 3);
        *bytes = (struct str){w->rest.p, (size_t)length};
        w->rest = str_skip(w->rest, (size_t)length);
        if ((tag & 7) == WIRE_BYTES)
            return true;
    }
    return false;
}
