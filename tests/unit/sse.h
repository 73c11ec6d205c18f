// SPDX-License-Identifier: Apache-2.0
// For tests of rooms and feeds: a process's rooms, and readers whose bytes are kept.
#ifndef TESTS_UNIT_SSE_H
#define TESTS_UNIT_SSE_H

#include <stdlib.h>
#include "sse/feed.h"
#include "sse/room_events.h"
#include "sse/rooms.h"

#define SES "session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define STRM "stream:str_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define PER "persona:per_01ARZ3NDEKTSV4RRFFQ69G5FAV"

static struct rooms rooms;

struct reader {
    struct feed *feed;
    struct link link;
    struct buf got;
    enum feed_outcome outcome;
};

static inline int rooms_begin(void **state)
{
    (void)state;
    rooms_init(&rooms, &(struct rooms_limits){4, 16, 1 << 20, 1000}, 1);
    return 0;
}

static inline int rooms_end(void **state)
{
    (void)state;
    rooms_fini(&rooms);
    return frame_count == 0 && rooms.text_bytes == 0 && rooms.ring_bytes == 0 ? 0 : -1;
}

static inline void reader_open(struct reader *r, unsigned n)
{
    *r = (struct reader){.feed = mem_alloc(feed_size(n))};
    feed_init(r->feed, n, false, &rooms.write_queue, &r->link);
}

static inline struct room *reader_join(struct reader *r, unsigned i, const char *name, int64_t from, int64_t head)
{
    struct room *room = rooms_get(&rooms, str_from(name));
    feed_join(r->feed, i, room, from, head);
    return room;
}

static inline void reader_close(struct reader *r)
{
    feed_leave(r->feed);
    write_queue_drop(&rooms.write_queue, &r->link);
    free(r->feed);
    buf_fini(&r->got);
}

// Collects what comes now, in batches of `most` bytes, until the feed waits.
static inline const char *reader_pull(struct reader *r, size_t most, bool behind)
{
    static struct batch batch;
    buf_clear(&r->got);
    rooms_wake(&rooms);
    write_queue_drop(&rooms.write_queue, &r->link);
    do {
        batch_init(&batch, most);
        r->outcome = feed_pull(r->feed, &batch, behind);
        for (unsigned i = 0; i < batch.n; i++)
            buf_bytes(&r->got, batch.part[i].iov_base, batch.part[i].iov_len);
        batch_clear(&batch);
    } while (r->outcome == FEED_MORE);
    return buf_cstr(&r->got);
}

static inline const char *reader_read(struct reader *r)
{
    return reader_pull(r, 1 << 20, false);
}

static inline void tell(const char *room, int64_t seq, uint32_t flags, int64_t start_seq)
{
    struct hint hint = {.seq = seq,
                        .flags = flags,
                        .start_seq = start_seq,
                        .room = str_from(room),
                        .name = STR("e"),
                        .step = STR("stp"),
                        .body = STR("{}")};
    rooms_hint(&rooms, &hint);
}

static inline void tell_text(const char *room, int64_t start_seq, int64_t stamp, int64_t offset, const char *text)
{
    struct hint hint = {.flags = offset < 0 ? HINT_CONTENT : HINT_DELTA,
                        .start_seq = start_seq,
                        .stamp_ns = stamp,
                        .offset = offset < 0 ? 0 : offset,
                        .raw_length = (uint32_t)strlen(text),
                        .room = str_from(room),
                        .name = STR("p"),
                        .step = STR("stp"),
                        .body = str_from(text)};
    rooms_hint(&rooms, &hint);
}

// The database answers the room's current query with the events from `first` to `last`.
static inline void answer_events(struct room *room, int64_t first, int64_t last, bool complete)
{
    struct room_event rows[64];
    unsigned n = 0;
    int64_t above = room_ask_events(room);
    for (int64_t seq = first; seq <= last; seq++, n++)
        rows[n] = (struct room_event){.seq = seq, .frame = frame_event(seq, STR("row"), STR("{}"))};
    room_events_fetched(room, above, rows, n, complete);
    while (n)
        frame_unref(rows[--n].frame);
}

static inline void answer_state(struct room *room, int64_t last_seq, bool ended, int64_t open, const char *checkpoint)
{
    struct room_open_step step = {STR("stp"), open, str_from(checkpoint), checkpoint ? (int64_t)strlen(checkpoint) : 0,
                                  false};
    room_ask_state(room);
    room_state(room, last_seq, ended ? 0 : -1, &step, open ? 1 : 0);
}

static inline void answer_snapshot(struct room *room, const char *body)
{
    struct frame *frame = frame_event(0, STR("snapshot"), str_from(body));
    room_ask_snapshot(room);
    room_snapshot(room, frame);
    frame_unref(frame);
}

#endif
