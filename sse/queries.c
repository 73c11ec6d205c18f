// SPDX-License-Identifier: Apache-2.0
#include "sse/queries.h"

#include <stdlib.h>
#include "base/log.h"
#include "sse/room_events.h"
#include "sse/revoked.h"
#include "sse/room.h"

enum { EVENTS_MOST = 4096, EVENTS_LEAST = 64, EVENTS_BYTES = 4 << 20 };

// Hints for one room arrive on several sockets and overtake each other, so a hole gets this long to close by itself.
static const int64_t HOLE_NS = 2000000;

void queries_fini(struct query *query)
{
    buf_fini(&query->names);
    buf_fini(&query->numbers);
    buf_fini(&query->steps);
    for (int i = 0; i < QUERY_PARAMS; i++)
        buf_fini(&query->params[i]);
}

static void begin(struct query *q, enum query_kind kind, const struct pg_statement *statement, int params)
{
    q->kind = kind;
    q->statement = statement;
    q->rooms_n = 0;
    q->n = params;
    buf_clear(&q->names);
    buf_clear(&q->numbers);
    buf_clear(&q->steps);
    for (int i = 0; i < QUERY_PARAMS; i++)
        buf_clear(&q->params[i]);
}

// Adds an element to each of the two PostgreSQL arrays; ids need no quotes there.
static void add_room(struct query *q, const struct room *room, int64_t number)
{
    struct str id = str_from(room->name);
    (void)str_cut(&id, ':');
    buf_bytes(&q->names, room->name, strlen(room->name) + 1);
    buf_bytes(&q->numbers, &number, sizeof number);
    buf_char(&q->params[0], q->rooms_n ? ',' : '{');
    buf_str(&q->params[0], id);
    buf_char(&q->params[1], q->rooms_n ? ',' : '{');
    buf_i64(&q->params[1], number);
    q->rooms_n++;
}

static bool finish(struct query *q)
{
    if (q->rooms_n == 0)
        return false;
    buf_char(&q->params[0], '}');
    buf_char(&q->params[1], '}');
    return true;
}

// Returns how many nanoseconds the room's hole may still wait: 0 if its events are to be asked for now, -1 if none are
// wanted.
static int64_t hole_wait_ns(struct room *room, int64_t now_ns)
{
    if (room->wants & WANT_EVENTS)
        return 0;
    if (!(room->wants & WANT_HOLE))
        return -1;
    if (room->head >= room->target) {
        room->wants &= ~(unsigned)WANT_HOLE;
        room->hole_seen_ns = 0;
        return -1;
    }
    if (!room->hole_seen_ns)
        room->hole_seen_ns = now_ns;
    int64_t waited_ns = now_ns - room->hole_seen_ns;
    return waited_ns >= HOLE_NS ? 0 : HOLE_NS - waited_ns;
}

static bool gather_events(struct query *q, struct pusher *p, int *again_ms)
{
    begin(q, QUERY_EVENTS, &store_room_events, 4);
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUERY_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        int64_t wait_ns = hole_wait_ns(room, p->now_ns);
        if (wait_ns > 0 && (*again_ms < 0 || *again_ms > wait_ns / 1000000 + 1))
            *again_ms = (int)(wait_ns / 1000000) + 1;
        if (wait_ns == 0)
            add_room(q, room, room_ask_events(room));
        if (!room->wants)
            list_leave(&room->wanting);
    }
    if (!finish(q))
        return false;
    q->span = EVENTS_MOST / q->rooms_n;
    q->span = q->span > ROOM_PAGE_MAX ? ROOM_PAGE_MAX : q->span < EVENTS_LEAST ? EVENTS_LEAST : q->span;
    buf_i64(&q->params[2], q->span);
    buf_i64(&q->params[3], EVENTS_BYTES);
    return true;
}

static bool gather(struct query *q, struct pusher *p, unsigned want, void (*ask)(struct room *room))
{
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUERY_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        if (!(room->wants & want))
            continue;
        ask(room);
        add_room(q, room, room->head);
        if (!room->wants)
            list_leave(&room->wanting);
    }
    return finish(q);
}

static bool gather_contents(struct query *q, struct pusher *p)
{
    begin(q, QUERY_CONTENT, &store_room_contents, 2);
    struct buf steps = {0};
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUERY_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        struct str step = room->wants & WANT_CONTENT ? room_ask_content(room) : STR_NONE;
        if (step.p) {
            buf_char(&steps, q->rooms_n ? ',' : '{');
            buf_str(&steps, step);
            buf_bytes(&q->steps, step.p, step.n);
            buf_char(&q->steps, '\0');
            add_room(q, room, 0);
        }
        if (!room->wants)
            list_leave(&room->wanting);
    }
    buf_char(&steps, '}');
    bool any = finish(q);
    buf_clear(&q->params[1]);
    buf_str(&q->params[1], buf_view(&steps));
    buf_fini(&steps);
    return any;
}

bool queries_gather(struct query *q, struct pusher *p, int *again_ms)
{
    *again_ms = -1;
    if (gather_events(q, p, again_ms))
        return true;
    begin(q, QUERY_STATE, &store_room_state, 2);
    if (gather(q, p, WANT_STATE, room_ask_state)) {
        buf_clear(&q->params[1]);
        buf_i64(&q->params[1], p->end_delay_s);
        return true;
    }
    begin(q, QUERY_SNAPSHOT, &store_room_snapshot, 1);
    if (gather(q, p, WANT_SNAPSHOT, room_ask_snapshot))
        return true;
    if (gather_contents(q, p))
        return true;
    begin(q, QUERY_CHECK, &store_room_counters, 2);
    return gather(q, p, WANT_CHECK, room_ask_check);
}

bool queries_check(struct query *q, struct pusher *p, size_t *next)
{
    begin(q, QUERY_CHECK, &store_room_counters, 2);
    for (; *next < p->rooms.cap && q->rooms_n < QUERY_CHECKED_MAX; ++*next)
        for (struct room *room = p->rooms.at[*next]; room; room = room->same_hash)
            if (room->subs_n && room_is_counted(room))
                add_room(q, room, room->target);
    if (*next >= p->rooms.cap)
        *next = 0;
    return finish(q);
}

void queries_news(struct query *q, int64_t since_us)
{
    begin(q, QUERY_NEWS, &store_pusher_news, 1);
    buf_i64(&q->params[0], since_us);
}

void queries_revoked(struct query *q, int64_t since_us)
{
    begin(q, QUERY_REVOKED, &store_pusher_revocations, 1);
    buf_i64(&q->params[0], since_us);
}

void queries_clock(struct query *q)
{
    begin(q, QUERY_CLOCK, &store_pusher_clock, 0);
}

// The room at that place in the query, or NULL if it is gone.
static struct room *room_at(const struct query *q, struct pusher *p, int64_t place)
{
    struct str names = buf_view(&q->names);
    for (int64_t i = 1; i < place; i++)
        (void)str_cut(&names, '\0');
    return rooms_find(&p->rooms, str_cut(&names, '\0'));
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
            open[open_n++] = (struct room_open_step){state.step, state.start_seq, state.text, state.text_raw};
    }
    room_state(room, state.last_seq, state.ends_in_ms, open, open_n);
    free(open);
}

static void take_snapshots(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_room_snapshot s;
        store_room_snapshot_read(&s, rows, row);
        struct room *room = room_at(q, p, s.place);
        if (!room || !room->asked_snapshot)
            continue;
        struct frame *frame = frame_snapshot(s.name, s.body);
        room_snapshot(room, frame);
        frame_unref(frame);
    }
}

// A step that is gone has no row: its readers get what its event has.
static void take_contents(const struct query *q, struct pusher *p, const struct pg_result *rows)
{
    struct str names = buf_view(&q->names), steps = buf_view(&q->steps);
    for (unsigned i = 0; i < q->rooms_n; i++) {
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        struct str step = str_cut(&steps, '\0'), content = STR_NONE;
        for (int row = 0; row < pg_rows(rows); row++) {
            struct store_room_content c;
            store_room_content_read(&c, rows, row);
            if (c.place == i + 1)
                content = c.content;
        }
        if (room && room->asked_content)
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
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_room_counter c;
        store_room_counter_read(&c, rows, row);
        struct room *room = room_at(q, p, c.place);
        if (room && room->followed && c.has_fallen)
            fall(room, c.last_seq);
        else if (room && room->followed)
            room_expect(room, c.last_seq);
    }
}

static void take_news(struct pusher *p, const struct pg_result *rows)
{
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_pusher_news news;
        store_pusher_news_read(&news, rows, row);
        struct room *room = rooms_find(&p->rooms, news.room);
        if (room && room->subs_n)
            room_tell_once(room, news.name, news.body, news.about);
    }
}

static void take_revocations(struct pusher *p, const struct pg_result *rows)
{
    revoked_forget(p->revoked, p->now_wall_us - REVOKED_MEMORY_US - REVOKED_GRACE_US);
    for (int row = 0; row < pg_rows(rows); row++) {
        struct store_pusher_revocation r;
        store_pusher_revocation_read(&r, rows, row);
        revoked_add(p->revoked, r.principal, r.at_us);
    }
}

void queries_answered(const struct query *q, struct pusher *p, const struct pg_result *rows)
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
        take_revocations(p, rows);
        break;
    case QUERY_CLOCK:
        p->wall_ahead_us = pg_time(rows, 0, 0) - p->now_ns / 1000;
        break;
    case QUERY__MAX:
        break;
    }
}

void queries_failed(const struct query *q, struct pusher *p)
{
    struct str names = buf_view(&q->names);
    for (unsigned i = 0; i < q->rooms_n; i++) {
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        if (room)
            room_unasked(room);
    }
}
