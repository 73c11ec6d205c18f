// SPDX-License-Identifier: Apache-2.0
#include "wire/hint.h"

#include <assert.h>

// Both ends are on one machine and of one build, so the byte order is the machine's and the layout is fixed; the
// version refuses a writer of another build.
enum { HINT_VERSION = 2 };

struct header {
    uint32_t version;
    uint32_t flags;
    int64_t seq;
    int64_t start_seq;
    int64_t stamp_ns;
    int64_t n;
    int64_t offset;
    uint32_t raw_length;
    uint16_t piece;
    uint16_t pieces;
    uint16_t room;
    uint16_t name;
    uint16_t step;
    uint16_t zero;
    uint32_t body;
    uint32_t zero2;
};

static_assert(sizeof(struct header) == 72, "the header has no hidden padding");

size_t hint_room_for_body(const struct hint *hint)
{
    bool is_usual = hint->seq || hint->flags & (HINT_CONTENT | HINT_DELTA);
    return (is_usual ? HINT_SIZE_USUAL : HINT_SIZE_MAX) - sizeof(struct header) - hint->room.n - hint->name.n -
           hint->step.n;
}

int hint_pack(struct buf *out, const struct hint *hint)
{
    assert(hint->room.n <= 128 && hint->name.n <= 128 && hint->step.n <= 128);
    if (hint->body.n > hint_room_for_body(hint))
        return -1;
    struct header header = {
        .version = HINT_VERSION,
        .flags = hint->flags,
        .seq = hint->seq,
        .start_seq = hint->start_seq,
        .stamp_ns = hint->stamp_ns,
        .n = hint->n,
        .offset = hint->offset,
        .raw_length = hint->raw_length,
        .piece = hint->piece,
        .pieces = hint->pieces,
        .room = (uint16_t)hint->room.n,
        .name = (uint16_t)hint->name.n,
        .step = (uint16_t)hint->step.n,
        .body = (uint32_t)hint->body.n,
    };
    buf_bytes(out, &header, sizeof header);
    buf_str(out, hint->room);
    buf_str(out, hint->name);
    buf_str(out, hint->step);
    buf_str(out, hint->body);
    return 0;
}

int hint_unpack(struct hint *hint, struct str message)
{
    struct header header;
    if (message.n < sizeof header || message.n > HINT_SIZE_MAX)
        return -1;
    memcpy(&header, message.p, sizeof header);
    size_t names = (size_t)header.room + header.name + header.step;
    if (header.version != HINT_VERSION || header.room > 128 || header.name > 128 || header.step > 128 ||
        message.n != sizeof header + names + header.body)
        return -1;
    if (header.seq < 0 || header.start_seq < 0 || header.n < 0 || header.offset < 0 ||
        header.piece >= (header.pieces ? header.pieces : 1) || header.zero || header.zero2)
        return -1;
    struct str rest = str_skip(message, sizeof header);
    *hint = (struct hint){
        .flags = header.flags,
        .seq = header.seq,
        .start_seq = header.start_seq,
        .stamp_ns = header.stamp_ns,
        .n = header.n,
        .offset = header.offset,
        .raw_length = header.raw_length,
        .piece = header.piece,
        .pieces = header.pieces,
        .room = {rest.p, header.room},
        .name = {rest.p + header.room, header.name},
        .step = {rest.p + header.room + header.name, header.step},
        .body = {rest.p + names, header.body},
    };
    return 0;
}
