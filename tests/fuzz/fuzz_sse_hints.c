// SPDX-License-Identifier: Apache-2.0
// Messages from writers, one after the other, into rooms with readers. Two bytes say how long the next
// message is; the room's name is put right half of the time, as chance would hardly find it.
#include <stdlib.h>
#include "wire/hint.h"
#include "sse/feed.h"
#include "sse/rooms.h"
#include "tests/fuzz/fuzz.h"

#define ROOM "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"

static void pull(struct rooms *rooms, struct feed *feed, struct link *writer, bool behind)
{
    static struct batch batch;
    rooms_wake(rooms);
    write_queue_drop(&rooms->write_queue, writer);
    batch_init(&batch, 2000);
    (void)feed_pull(feed, &batch, behind);
    batch_clear(&batch);
}

static void answer(struct room *room, const struct hint *hint)
{
    struct room_open_step open = {hint->step, hint->start_seq, hint->body, hint->raw_length, false};
    room_ask_state(room);
    room_state(room, hint->offset, -1, &open, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rooms rooms;
    struct link writer = {0};
    struct feed *feed = mem_alloc(feed_size(1));
    rooms_init(&rooms, &(struct rooms_limits){4, 16, 4096, 2048}, 1);
    feed_init(feed, 1, false, &rooms.write_queue, &writer);
    struct room *room = rooms_get(&rooms, STR(ROOM));
    feed_join(feed, 0, room, 0, 0);
    while (n > 2) {
        size_t length = (size_t)data[0] | (size_t)(data[1] & 3) << 8;
        unsigned choice = data[1] >> 2;
        struct hint hint;
        data += 2, n -= 2;
        if (length > n)
            length = n;
        if (hint_unpack(&hint, (struct str){(const char *)data, length}) == 0) {
            if (choice & 1)
                hint.room = STR(ROOM);
            if (choice & 2)
                hint.seq &= 15, hint.start_seq &= 15, hint.offset &= 63, hint.raw_length &= 63;
            rooms_hint(&rooms, &hint);
            if (choice & 4)
                pull(&rooms, feed, &writer, choice & 8);
            if ((choice & 48) == 48 && feed->live)
                answer(room, &hint);
        }
        data += length, n -= length;
    }
    pull(&rooms, feed, &writer, true);
    feed_leave(feed);
    write_queue_drop(&rooms.write_queue, &writer);
    free(feed);
    rooms_fini(&rooms);
    assert(frame_count == 0 && rooms.text_bytes == 0 && rooms.ring_bytes == 0);
    return 0;
}
