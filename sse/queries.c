// SPDX-License-Identifier: Apache-2.0
#include "sse/queries.h"

#include "base/log.h"
#include "sse/room.h"
#include "sse/room_steps.h"

enum { EVENTS_MOST = 4096, EVENTS_LEAST = 64, ANSWER_BYTES = 4 << 20 };

// Hints for one room arrive on several sockets and overtake each other, so a hole gets this long to close by itself.
static const int64_t HOLE_NS = 2000000;

// What a room wants again if a query of that kind fails; 0: nothing.
static const unsigned wants_of[QUERY__MAX] = {[QUERY_EVENTS] = WANT_EVENTS,
                                              [QUERY_STATE] = WANT_STATE,
                                              [QUERY_SNAPSHOT] = WANT_SNAPSHOT,
                                              [QUERY_CONTENT] = WANT_CONTENT};

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
    q->is_single = false;
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
    q->is_single = room->failed & wants_of[q->kind];
}

// A room whose queries have failed is asked for alone, after a pause: it may be what made them fail.
static bool may_join(struct query *q, const struct room *room, int64_t now_ns)
{
    bool has_failed = room->failed & wants_of[q->kind];
    if (has_failed && (q->rooms_n || now_ns < room->again_ns))
        return false;
    return !q->is_single;
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
        if (wait_ns == 0 && may_join(q, room, p->now_ns))
            add_room(q, room, room_ask_events(room));
        if (!room->wants)
            list_leave(&room->wanting);
    }
    if (!finish(q))
        return false;
    q->span = EVENTS_MOST / q->rooms_n;
    q->span = q->span > ROOM_PAGE_MAX ? ROOM_PAGE_MAX : q->span < EVENTS_LEAST ? EVENTS_LEAST : q->span;
    buf_i64(&q->params[2], q->span);
    buf_i64(&q->params[3], ANSWER_BYTES);
    return true;
}

static bool gather(struct query *q, struct pusher *p, unsigned want, void (*ask)(struct room *room))
{
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUERY_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        if (!(room->wants & want) || !may_join(q, room, p->now_ns))
            continue;
        ask(room);
        add_room(q, room, q->kind == QUERY_STATE ? room->texts_above : room->head);
        if (!room->wants)
            list_leave(&room->wanting);
    }
    return finish(q);
}

static bool gather_contents(struct query *q, struct pusher *p)
{
    begin(q, QUERY_CONTENT, &store_room_contents, 3);
    struct buf steps = {0};
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUERY_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        bool is_wanted = room->wants & WANT_CONTENT && may_join(q, room, p->now_ns);
        struct str step = is_wanted ? room_ask_content(room) : STR_NONE;
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
    buf_i64(&q->params[2], ANSWER_BYTES);
    buf_fini(&steps);
    return any;
}

bool queries_gather(struct query *q, struct pusher *p, int *again_ms)
{
    *again_ms = -1;
    if (gather_events(q, p, again_ms))
        return true;
    begin(q, QUERY_STATE, &store_room_state, 5);
    if (gather(q, p, WANT_STATE, room_ask_state)) {
        buf_i64(&q->params[2], p->end_delay_s);
        buf_i64(&q->params[3], ANSWER_BYTES);
        buf_i64(&q->params[4], ROOM_STEPS_MAX);
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
    q->since_us = since_us;
    buf_i64(&q->params[0], since_us);
}

void queries_clock(struct query *q)
{
    begin(q, QUERY_CLOCK, &store_pusher_clock, 0);
}

void queries_succeeded(const struct query *q, struct pusher *p)
{
    struct room *room = q->is_single ? rooms_find(&p->rooms, str_from(q->names.p)) : NULL;
    if (room)
        room_not_failed(room, wants_of[q->kind]);
}

void queries_failed(const struct query *q, struct pusher *p)
{
    struct str names = buf_view(&q->names);
    for (unsigned i = 0; i < q->rooms_n; i++) {
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        if (!room)
            continue;
        room_unasked(room);
        room_failed(room, wants_of[q->kind]);
        if (q->is_single)
            log_warning("the database did not answer %s for room=%s, %u times in a row", q->statement->name,
                        room->public_name, room->failures);
    }
}
