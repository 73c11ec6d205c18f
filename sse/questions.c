#include "sse/questions.h"

#include <stdlib.h>
#include "sse/conn.h"
#include "sse/greeting.h"
#include "sse/numbers.h"
#include "sse/revoked.h"
#include "sse/room.h"

enum { EVENTS_MOST = 4096, EVENTS_LEAST = 64, EVENTS_BYTES = 4 << 20 };

// Hints of one room come over several sockets and overtake each other: a hole is given this long to close by itself.
static const int64_t HOLE_NS = 2000000;

void question_fini(struct question *question)
{
    buf_fini(&question->names);
    buf_fini(&question->numbers);
    for (int i = 0; i < QUESTION_PARAMS; i++)
        buf_fini(&question->params[i]);
}

static void begin(struct question *q, enum question_kind kind, const struct pg_statement *statement, int params)
{
    q->kind = kind;
    q->statement = statement;
    q->rooms_n = 0;
    q->n = params;
    buf_clear(&q->names);
    buf_clear(&q->numbers);
    for (int i = 0; i < QUESTION_PARAMS; i++)
        buf_clear(&q->params[i]);
}

// Elements of PostgreSQL arrays; ids need no quotes.
static void add_room(struct question *q, const struct room *room, int64_t number)
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

static bool finish(struct question *q)
{
    if (q->rooms_n == 0)
        return false;
    buf_char(&q->params[0], '}');
    buf_char(&q->params[1], '}');
    return true;
}

// How long the room's hole may still wait: 0 if its events are to be asked for now, -1 if none are wanted.
static int64_t hole_wait(struct room *room, int64_t now)
{
    if (room->wants & WANT_EVENTS)
        return 0;
    if (!(room->wants & WANT_HOLE))
        return -1;
    if (room->head >= room->target) {
        room->wants &= ~(unsigned)WANT_HOLE;
        room->hole_seen = 0;
        return -1;
    }
    if (!room->hole_seen)
        room->hole_seen = now;
    int64_t waited = now - room->hole_seen;
    return waited >= HOLE_NS ? 0 : HOLE_NS - waited;
}

static bool gather_events(struct question *q, struct pusher *p, int *again_ms)
{
    begin(q, ASK_EVENTS, &store_replay_events, 4);
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUESTION_ROOMS_MAX) {
        struct room *room = LIST_OWNER(link, struct room, wanting);
        link = link->next;
        int64_t wait = hole_wait(room, p->now);
        if (wait > 0 && (*again_ms < 0 || *again_ms > wait / 1000000 + 1))
            *again_ms = (int)(wait / 1000000) + 1;
        if (wait == 0)
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

static bool gather(struct question *q, struct pusher *p, unsigned want, void (*ask)(struct room *room))
{
    struct link *link = p->rooms.wanting.head.next;
    while (link != &p->rooms.wanting.head && q->rooms_n < QUESTION_ROOMS_MAX) {
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

bool question_gather(struct question *q, struct pusher *p, int *again_ms)
{
    *again_ms = -1;
    if (gather_events(q, p, again_ms))
        return true;
    begin(q, ASK_STATE, &store_replay_state, 1);
    if (gather(q, p, WANT_STATE, room_ask_state))
        return true;
    begin(q, ASK_SNAPSHOT, &store_replay_snapshot, 1);
    return gather(q, p, WANT_SNAPSHOT, room_ask_snapshot);
}

bool question_check(struct question *q, struct pusher *p, size_t *next)
{
    begin(q, ASK_CHECK, &store_replay_counters, 2);
    for (; *next < p->rooms.cap && q->rooms_n < QUESTION_CHECKED_MAX; ++*next)
        for (struct room *room = p->rooms.at[*next]; room; room = room->same_hash)
            if (room->subs_n && room_is_counted(room))
                add_room(q, room, room->target);
    if (*next >= p->rooms.cap)
        *next = 0;
    return finish(q);
}

void question_news(struct question *q, int64_t since)
{
    begin(q, ASK_NEWS, &store_replay_news, 1);
    buf_i64(&q->params[0], since);
}

void question_revoked(struct question *q, int64_t since)
{
    begin(q, ASK_REVOKED, &store_replay_revocations, 1);
    buf_i64(&q->params[0], since);
}

void question_clock(struct question *q)
{
    begin(q, ASK_CLOCK, &store_replay_clock, 0);
}

// The room of that place in the question; NULL if it is gone.
static struct room *room_at(const struct question *q, struct pusher *p, int64_t place)
{
    struct str names = buf_view(&q->names);
    for (int64_t i = 1; i < place; i++)
        (void)str_cut(&names, '\0');
    return rooms_find(&p->rooms, str_cut(&names, '\0'));
}

static int64_t number_at(const struct question *q, unsigned i)
{
    int64_t number;
    memcpy(&number, q->numbers.p + i * sizeof number, sizeof number);
    return number;
}

// Calls `take` with the rows of each room, none for a room without rows.
static void each_room(const struct question *q, struct pusher *p, const PGresult *rows,
                      void (*take)(const struct question *q, unsigned i, struct room *room, const PGresult *rows,
                                   int first, int n))
{
    struct str names = buf_view(&q->names);
    int row = 0;
    for (unsigned i = 0; i < q->rooms_n; i++) {
        int first = row;
        while (row < PQntuples(rows) && pg_i64(rows, row, 0) == i + 1)
            row++;
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        if (room)
            take(q, i, room, rows, first, row - first);
    }
}

static void take_events(const struct question *q, unsigned i, struct room *room, const PGresult *rows, int first, int n)
{
    int64_t above = number_at(q, i);
    if (!room->asked_events || room->asked_above != above)
        return;
    struct room_event *events = mem_alloc((size_t)n * sizeof *events);
    struct buf body = {0};
    bool left_out = false;
    int whole = 0;
    for (; whole < n; whole++) {
        struct store_replay_event e;
        store_replay_event_read(&e, &body, rows, first + whole);
        left_out = e.left_out;
        if (left_out)
            break;
        events[whole] = (struct room_event){
            .seq = e.seq,
            .flags = (e.opens_step ? HINT_OPENS_STEP : 0u) | (e.ends_step ? HINT_ENDS_STEP : 0u) |
                     (e.ends_room ? HINT_ENDS_ROOM : 0u) | (e.forgets ? HINT_FORGETS : 0u),
            .start_seq = e.start_seq,
            .step = e.step,
            .frame = frame_event(e.seq, e.name, e.body),
        };
    }
    int64_t last = whole ? events[whole - 1].seq : above;
    numbers_fetched(room, above, events, (unsigned)whole, !left_out && last < above + q->span);
    while (whole)
        frame_unref(events[--whole].frame);
    free(events);
    buf_fini(&body);
}

static void take_state(const struct question *q, unsigned i, struct room *room, const PGresult *rows, int first, int n)
{
    (void)q;
    (void)i;
    if (!room->asked_state)
        return;
    if (n == 0) {
        // It is not there (any more): nothing can come.
        room_state(room, room->target, true, NULL, 0);
        return;
    }
    struct room_open_step *open = mem_alloc((size_t)n * sizeof *open);
    struct store_replay_state state = {0};
    unsigned open_n = 0;
    for (int k = 0; k < n; k++) {
        store_replay_state_read(&state, rows, first + k);
        if (state.step.p)
            open[open_n++] = (struct room_open_step){state.step, state.start_seq, state.text, state.text_raw};
    }
    room_state(room, state.last_seq, state.ended, open, open_n);
    free(open);
}

static void take_snapshots(const struct question *q, struct pusher *p, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        struct store_replay_snapshot s;
        store_replay_snapshot_read(&s, rows, row);
        struct room *room = room_at(q, p, s.place);
        if (!room || !room->asked_snapshot)
            continue;
        struct frame *frame = frame_event(0, s.name, s.body);
        room_snapshot(room, frame);
        frame_unref(frame);
    }
}

static void take_counters(const struct question *q, struct pusher *p, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        struct store_replay_counter c;
        store_replay_counter_read(&c, rows, row);
        struct room *room = room_at(q, p, c.place);
        if (room && room->followed)
            room_expect(room, c.last_seq);
    }
}

static void take_news(struct pusher *p, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        struct store_replay_news news;
        store_replay_news_read(&news, rows, row);
        struct room *room = rooms_find(&p->rooms, news.room);
        if (room && room->subs_n)
            room_tell_once(room, news.name, news.body, news.about);
    }
}

static void close_streams(struct pusher *p, struct str principal, int64_t at)
{
    bool is_credential = str_starts(principal, STR("tok_")) || str_starts(principal, STR("lgn_"));
    struct buf b = {0};
    greeting_revoked(&b, is_credential ? "credentials" : "access");
    struct frame *word = frame_bytes(buf_view(&b));
    buf_fini(&b);
    struct link *link = p->conns.head.next;
    while (link != &p->conns.head) {
        struct conn *conn = conn_of_list(link);
        link = link->next;
        if (conn_is_of(conn, principal, at + REVOKED_GRACE_US))
            conn_end(p, conn, CLOSE_REVOKED, frame_ref(word));
    }
    frame_unref(word);
}

static void take_revocations(struct pusher *p, const PGresult *rows)
{
    revoked_forget(p->revoked, p->now_wall - REVOKED_MEMORY_US - REVOKED_GRACE_US);
    for (int row = 0; row < PQntuples(rows); row++) {
        struct store_replay_revocation r;
        store_replay_revocation_read(&r, rows, row);
        if (revoked_add(p->revoked, r.principal, r.at))
            close_streams(p, r.principal, r.at);
    }
}

void question_answered(const struct question *q, struct pusher *p, const PGresult *rows)
{
    p->metrics.rows += (uint64_t)PQntuples(rows);
    switch (q->kind) {
    case ASK_EVENTS:
        each_room(q, p, rows, take_events);
        break;
    case ASK_STATE:
        each_room(q, p, rows, take_state);
        break;
    case ASK_SNAPSHOT:
        take_snapshots(q, p, rows);
        break;
    case ASK_CHECK:
        take_counters(q, p, rows);
        break;
    case ASK_NEWS:
        take_news(p, rows);
        break;
    case ASK_REVOKED:
        take_revocations(p, rows);
        break;
    case ASK_CLOCK:
        p->wall_ahead = pg_time(rows, 0, 0) - p->now / 1000;
        break;
    case ASK__MAX:
        break;
    }
}

void question_failed(const struct question *q, struct pusher *p)
{
    struct str names = buf_view(&q->names);
    for (unsigned i = 0; i < q->rooms_n; i++) {
        struct room *room = rooms_find(&p->rooms, str_cut(&names, '\0'));
        if (room)
            room_unasked(room);
    }
}
