// SPDX-License-Identifier: Apache-2.0
#include "sse/answers.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/log.h"
#include "sse/revoked.h"
#include "sse/room.h"
#include "sse/room_events.h"

// The rooms of the query by their place in it, from 1; NULL: it is gone. The caller frees the array.
static struct room **rooms_of(const struct query *q, struct pusher *p)
{
    struct str names = buf_view(&q->names);
    struct room **found = mem_zero((q->rooms_n + 1) * sizeof *found);
    for (unsigned i = 1; i <= q->rooms_n; i++)
        found[i] = rooms_find(&p->rooms, str_cut(&names, '\0'));
    return found;
}

static int64_t number_at(const struct query *q, unsigned i)
{
    int64_t number;
    memcpy(&number, q->numbers.p + i * sizeof number, sizeof number);
    return number;
}

// Calls `take` once for each room of the query, with its rows; a room may have none.
static void each_room(const struct query *q, struct pusher *p, const struct pg_result *rows,
                      void (*take)(const struct query *q, unsigned i, struct room *room, const struct pg_result *rows,
                                   int first, int n))
{
    struct str names = buf_view(&q->names);
    int row = 0;
    for (unsigned i = 0; i < q->rooms_n; i++) {
        int first = row;
        while (row < pg_rows(rows) && pg_i64(rows, row, 0) == i + 1)
            row++;
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        if (room)
            take(q, i, room, rows, first, row - first);
    }
}

static void take_events(const struct query *q, unsigned i, struct room *room, const struct pg_result *rows, int first,
                        int n)
{
    int64_t above = number_at(q, i);
    if (!room->asked_events || room->asked_above != above)
        return;
    struct room_event *events = mem_alloc((size_t)n * sizeof *events);
    struct buf body = {0};
    bool left_out = false;
    int whole = 0;
    for (; whole < n; whole++) {
        struct store_room_event e;
        store_room_event_read(&e, &body, rows, first + whole);
        left_out = e.left_out;
        if (left_out)
            break;
        events[whole] = (struct room_event){
            .seq = e.seq,
            .flags = e.flags,
            .start_seq = e.start_seq,
            .step = e.step,
            .frame = frame_event(e.seq, e.name, e.body),
        };
    }
    int64_t last = whole ? events[whole - 1].seq : above;
    room_events_fetched(room, above, events, (unsigned)whole, !left_out && last < above + q->span);
    while (whole)
        frame_unref(events[--whole].frame);
    free(events);
    buf_fini(&body);
}

static void take_state(const struct query *q, unsigned i, struct room *room, const struct pg_result *rows, int first,
                       int n)
{
    (void)q;
    (void)i;
    if (!room->asked_state)
        return;
    if (n == 0) {
        // There is no such session or stream, or no longer, so nothing can come.
        room_state(room, room->target, 0, NULL, 0);
        return;
    }
    struct room_open_step *open = mem_alloc((size_t)n * sizeof *open);
    struct store_room_state state = {0};
    unsigned open_n = 0;
    for (int k = 0; k < n; k++) {
        store_room_state_read(&state, rows, first + k);
        if (state.step.p)
            open[open_n++] =
                (struct room_open_step){state.step, state.start_seq, state.text, state.text_raw, state.left_out};
    }
    room_state(room, state.last_seq, state.ends_in_ms, open, open_n);
    free(open);
}

static void take_snapshots(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    struct room **found = rooms_of(q, p);
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_room_snapshot s;
        store_room_snapshot_read(&s, rows, row);
        struct room *room = found[s.place];
        if (!room || !room->asked_snapshot)
            continue;
        struct frame *frame = frame_snapshot(s.name, s.body);
        room_snapshot(room, frame);
        frame_unref(frame);
    }
    free(found);
}

// A step that is gone has no row: its readers get what its event has.
static void take_contents(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    struct str names = buf_view(&q->names), steps = buf_view(&q->steps);
    for (unsigned i = 0; i < q->rooms_n; i++) {
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        struct str step = str_cut(&steps, '\0'), content = STR_NONE;
        bool left_out = false;
        for (int row = 0; row < pg_rows(rows); row++) {
            struct store_room_content c;
            store_room_content_read(&c, rows, row);
            if (c.place != i + 1)
                continue;
            content = c.content;
            left_out = c.left_out;
        }
        if (room && room->asked_content && left_out)
            room_unasked_content(room);
        else if (room && room->asked_content)
            room_content(room, step, content);
    }
}

// Only a database that has lost commits has less than what was heard after them.
static void fall(struct room *room, int64_t number)
{
    log_error("the database has gone back: room=%s known=%lld now=%lld; its readers load it again", room->public_name,
              (long long)room->target, (long long)number);
    room_events_fell(room, number);
}

static void take_counters(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    struct room **found = rooms_of(q, p);
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_room_counter c;
        store_room_counter_read(&c, rows, row);
        struct room *room = found[c.place];
        if (room && room->followed && c.has_fallen)
            fall(room, c.last_seq);
        else if (room && room->followed)
            room_expect(room, c.last_seq);
    }
    free(found);
}

static bool was_in(struct str hashes, uint64_t hash)
{
    for (; hashes.n; hashes = str_skip(hashes, sizeof hash))
        if (memcmp(hashes.p, &hash, sizeof hash) == 0)
            return true;
    return false;
}

// News overlap, and what was forgotten for a deletion has been printed anew since.
static void forget_deleted(struct pusher *p, const struct pg_result *rows)
{
    struct buf now = {0};
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_pusher_news news;
        store_pusher_news_read(&news, rows, row);
        struct room *room = news.name.p ? NULL : rooms_find(&p->rooms, news.room);
        if (!room || !room->followed)
            continue;
        uint64_t hash = hash_64_more(hash_64(news.room), news.about);
        if (!was_in(buf_view(&p->deletions), hash))
            room_events_forget_printed(room);
        buf_bytes(&now, (const char *)&hash, sizeof hash);
    }
    buf_fini(&p->deletions);
    p->deletions = now;
}

static void take_news(struct pusher *p, const struct pg_result *rows)
{
    forget_deleted(p, rows);
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_pusher_news news;
        store_pusher_news_read(&news, rows, row);
        struct room *room = news.name.p ? rooms_find(&p->rooms, news.room) : NULL;
        if (room && room->subs_n)
            room_tell_once(room, news.name, news.body, news.about);
    }
}

// What is older than the question would be new with the next answer that has it, so it is forgotten, and no more.
static void take_revocations(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    revoked_forget(p->revoked, q->since_us);
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_pusher_revocation r;
        store_pusher_revocation_read(&r, rows, row);
        revoked_add(p->revoked, r.principal, r.at_us);
    }
}

void answers_take(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    p->counters.rows += (uint64_t)pg_rows(rows);
    switch (q->kind) {
    case QUERY_EVENTS:
        each_room(q, p, rows, take_events);
        break;
    case QUERY_STATE:
        each_room(q, p, rows, take_state);
        break;
    case QUERY_SNAPSHOT:
        take_snapshots(q, p, rows);
        break;
    case QUERY_CONTENT:
        take_contents(q, p, rows);
        break;
    case QUERY_CHECK:
        take_counters(q, p, rows);
        break;
    case QUERY_NEWS:
        take_news(p, rows);
        break;
    case QUERY_REVOKED:
        take_revocations(q, p, rows);
        break;
    case QUERY_CLOCK:
        p->wall_ahead_us = pg_time(rows, 0, 0) - p->now_ns / 1000;
        break;
    case QUERY__MAX:
        break;
    }
}
