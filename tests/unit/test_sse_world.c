// SPDX-License-Identifier: Apache-2.0
// The pusher's pure parts in a small world that goes wrong: hints are lost, doubled and reordered, the database
// answers late or not at all, readers come, resume, stall and go. Whatever happens, each reader gets every number once
// and in order, text never before its step's start nor after its end, and in the end the text that the writer had. Each
// case is a seed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "sse/feed.h"
#include "sse/room_events.h"
#include "sse/rooms.h"

enum { EVENTS = 600, READERS = 12, POOL = 64, SPAN = 9, SEEDS = 300, TURNS = 900, TEXT = 4000 };

#define ROOM "session:ses_00000000000000000000000000"

// What the writer has committed: event i + 1 of the room.
struct written {
    uint32_t flags;
    int64_t start_seq;
};

struct message {
    struct hint hint;
    char body[TEXT];
};

struct reader {
    struct feed *feed;
    struct link link;
    bool stalled;
    int64_t seen; // the last number
    int64_t open; // the step that is open for it
    char text[TEXT];
    size_t text_n;
};

// A query that is under way.
struct asked {
    unsigned want;
    int64_t above;
    int64_t last_seq;
    int64_t open;
    char checkpoint[TEXT];
    int due;
};

static struct world {
    unsigned seed;
    int64_t stamp_ns;
    struct rooms rooms;
    struct written at[EVENTS];
    int64_t n;
    int64_t open; // the open step's start, or 0
    bool ended;
    char text[TEXT]; // of the open step
    size_t text_n;
    char checkpoint[TEXT];
    struct message *pool[POOL];
    int pool_n;
    struct reader readers[READERS];
    struct asked asked;
    bool calm; // nothing goes wrong any more
} w;

static unsigned dice(unsigned sides)
{
    w.seed = w.seed * 1664525u + 1013904223u;
    return (w.seed >> 8) % sides;
}

static void deliver(int i)
{
    rooms_hint(&w.rooms, &w.pool[i]->hint);
    free(w.pool[i]);
    w.pool[i] = w.pool[--w.pool_n];
}

static void post(const struct hint *hint, const char *body)
{
    if (!w.calm && dice(8) == 0)
        return;
    for (unsigned copies = w.calm || dice(10) ? 1 : 2; copies > 0; copies--) {
        if (w.pool_n == POOL)
            deliver((int)dice(POOL));
        struct message *m = w.pool[w.pool_n++] = calloc(1, sizeof *m);
        m->hint = *hint;
        (void)snprintf(m->body, sizeof m->body, "%s", body);
        m->hint.body = str_from(m->body);
        m->hint.room = STR(ROOM);
    }
}

static void commit(uint32_t flags, int64_t start_seq, const char *name)
{
    char body[64];
    w.at[w.n++] = (struct written){flags, start_seq};
    (void)snprintf(body, sizeof body, "{\"n\":%lld}", (long long)w.n);
    struct hint hint = {.seq = w.n, .flags = flags, .start_seq = start_seq, .name = str_from(name), .step = STR("stp")};
    post(&hint, !w.calm && dice(10) == 0 ? "" : body);
}

static void write_text(bool whole)
{
    char more[16];
    size_t n = (size_t)snprintf(more, sizeof more, "%u.", dice(1000));
    if (w.text_n + n >= TEXT - 1)
        return;
    struct hint hint = {.start_seq = w.open, .stamp_ns = ++w.stamp_ns, .step = STR("stp"), .offset = (int64_t)w.text_n};
    memcpy(w.text + w.text_n, more, n + 1);
    w.text_n += n;
    hint.flags = whole ? HINT_CONTENT : HINT_DELTA;
    hint.raw_length = (uint32_t)(whole ? w.text_n : n);
    post(&hint, whole ? w.text : more);
}

static void write_something(void)
{
    if (w.n == EVENTS || w.ended)
        return;
    if (w.open && dice(3)) {
        write_text(dice(5) == 0);
        if (dice(8) == 0)
            memcpy(w.checkpoint, w.text, TEXT);
    } else if (w.open) {
        commit(HINT_ENDS_STEP, w.open, "ended");
        w.open = 0;
    } else if (dice(4) == 0) {
        commit(dice(3) ? 0 : HINT_FORGETS, 0, "other");
    } else {
        w.open = w.n + 1;
        w.text_n = 0;
        w.text[0] = w.checkpoint[0] = '\0';
        commit(HINT_OPENS_STEP, w.open, "started");
    }
}

static void ask(void)
{
    struct link *link = list_first(&w.rooms.wanting);
    if (w.asked.want || !link)
        return;
    struct room *room = LIST_OWNER(link, struct room, wanting);
    w.asked = (struct asked){.last_seq = w.n, .open = w.open, .due = (int)dice(6)};
    memcpy(w.asked.checkpoint, w.checkpoint, TEXT);
    if (room->wants & WANT_STATE) {
        w.asked.want = WANT_STATE;
        room_ask_state(room);
    } else {
        w.asked.want = WANT_EVENTS;
        w.asked.above = room_ask_events(room);
    }
    if (!room->wants)
        list_leave(&room->wanting);
}

static void answer_events(struct room *room)
{
    struct room_event rows[SPAN];
    unsigned n = 0;
    for (int64_t seq = w.asked.above + 1; seq <= w.asked.last_seq && n < SPAN; seq++, n++) {
        char body[64];
        const struct written *e = &w.at[seq - 1];
        (void)snprintf(body, sizeof body, "{\"n\":%lld}", (long long)seq);
        rows[n] = (struct room_event){seq, e->flags, e->start_seq, STR("stp"), NULL};
        rows[n].frame = frame_event(seq, STR("row"), str_from(body));
    }
    room_events_fetched(room, w.asked.above, rows, n, n < SPAN);
    for (unsigned i = 0; i < n; i++)
        frame_unref(rows[i].frame);
}

static void answer(void)
{
    if (!w.asked.want || w.asked.due-- > 0)
        return;
    struct room *room = rooms_find(&w.rooms, STR(ROOM));
    bool state = w.asked.want == WANT_STATE;
    w.asked.want = 0;
    if (!room || !(state ? room->asked_state : room->asked_events && room->asked_above == w.asked.above))
        return;
    if (!w.calm && dice(6) == 0) {
        room_unasked(room);
        return;
    }
    if (!state) {
        answer_events(room);
        return;
    }
    struct str stored = w.asked.checkpoint[0] ? str_from(w.asked.checkpoint) : STR_NONE;
    struct room_open_step open = {STR("stp"), w.asked.open, stored, (int64_t)stored.n, false};
    room_state(room, w.asked.last_seq, -1, &open, w.asked.open ? 1 : 0);
}

static void see_text(struct reader *r, const char *data)
{
    const char *delta = strstr(data, "\"delta\":\"");
    const char *p = delta ? delta + 9 : strstr(data, "\"content\":\"") + 11;
    size_t n = strcspn(p, "\"");
    if (!r->open)
        fail_msg("text without an open step: after %lld of %lld: %s", (long long)r->seen, (long long)w.n, data);
    if (!delta)
        r->text_n = 0;
    else if ((size_t)strtoll(strstr(data, "\"offset\":") + 9, NULL, 10) != r->text_n)
        return;
    assert_true(r->text_n + n < TEXT);
    memcpy(r->text + r->text_n, p, n);
    r->text_n += n;
    r->text[r->text_n] = '\0';
}

static void see_number(struct reader *r, int64_t seq)
{
    assert_int_equal(seq, r->seen + 1);
    r->seen = seq;
    const struct written *e = &w.at[seq - 1];
    if (e->flags & HINT_OPENS_STEP)
        r->open = seq;
    if (e->flags & HINT_ENDS_STEP)
        r->open = 0;
    r->text_n = 0;
    r->text[0] = '\0';
}

static void see(struct reader *r, char *bytes)
{
    for (char *end; (end = strstr(bytes, "\n\n")); bytes = end + 2) {
        *end = '\0';
        long long seq, n;
        if (sscanf(bytes, "id: %lld", &seq) != 1) {
            see_text(r, bytes);
            continue;
        }
        if (sscanf(strstr(bytes, "data: "), "data: {\"n\":%lld}", &n) != 1)
            fail_msg("%s", bytes);
        assert_int_equal(seq, n);
        see_number(r, seq);
    }
    assert_int_equal(*bytes, '\0');
}

static void pull(struct reader *r)
{
    static char bytes[1 << 20];
    static struct batch batch;
    size_t n = 0;
    batch_init(&batch, dice(4) ? 100000 : 200);
    enum feed_outcome outcome = feed_pull(r->feed, &batch, dice(2) == 0);
    for (unsigned i = 0; i < batch.n; i++) {
        memcpy(bytes + n, batch.part[i].iov_base, batch.part[i].iov_len);
        n += batch.part[i].iov_len;
    }
    bytes[n] = '\0';
    batch_clear(&batch);
    see(r, bytes);
    if (outcome == FEED_MORE)
        write_queue_add(&w.rooms.write_queue, &r->link);
}

static void join(struct reader *r)
{
    int64_t head = w.n - (w.n ? (int64_t)dice(2) : 0);
    int64_t from = dice(3) == 0 ? head : head - (int64_t)dice((unsigned)(head < 40 ? head + 1 : 40));
    struct room *room = rooms_get(&w.rooms, STR(ROOM));
    assert_non_null(room);
    r->feed = malloc(feed_size(1));
    feed_init(r->feed, 1, false, &w.rooms.write_queue, &r->link);
    feed_join(r->feed, 0, room, from, head);
    r->seen = from;
    r->stalled = false;
    r->text_n = 0;
    r->open = 0;
    for (int64_t i = 0; i < from; i++)
        r->open = w.at[i].flags & HINT_OPENS_STEP ? i + 1 : w.at[i].flags & HINT_ENDS_STEP ? 0 : r->open;
}

static void leave(struct reader *r)
{
    feed_leave(r->feed);
    write_queue_drop(&w.rooms.write_queue, &r->link);
    free(r->feed);
    r->feed = NULL;
}

static void move_reader(struct reader *r)
{
    if (!r->feed && dice(20) == 0)
        join(r);
    else if (r->feed && dice(120) == 0)
        leave(r);
    else if (dice(30) == 0)
        r->stalled = !r->stalled;
}

static void turn(void)
{
    w.rooms.now_ns++;
    for (unsigned i = dice(4); i > 0 && w.pool_n; i--)
        deliver((int)dice((unsigned)w.pool_n));
    for (int i = 0; i < READERS && !w.calm; i++)
        move_reader(&w.readers[i]);
    if (dice(50) == 0)
        rooms_tidy(&w.rooms, w.rooms.now_ns - 20);
    answer();
    ask();
    rooms_wake(&w.rooms);
    struct link *stalled[READERS];
    int n = 0;
    for (struct link *link; (link = write_queue_take(&w.rooms.write_queue));) {
        struct reader *r = LIST_OWNER(link, struct reader, link);
        if (r->stalled && !w.calm)
            stalled[n++] = link;
        else
            pull(r);
        if (dice(4) == 0)
            break;
    }
    while (n)
        write_queue_add(&w.rooms.write_queue, stalled[--n]);
}

// Faults end; the writer says its text once more, whole; counters are compared. After that everybody must be complete.
static void calm_down(void)
{
    w.calm = true;
    while (w.pool_n)
        deliver(0);
    for (int i = 0; i < READERS; i++)
        if (!w.readers[i].feed)
            join(&w.readers[i]);
    if (w.open)
        write_text(true);
    for (int i = 0; i < 300; i++) {
        struct room *room = rooms_find(&w.rooms, STR(ROOM));
        if (room && room->subs_n)
            room_expect(room, w.n);
        turn();
    }
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(w.readers[i].seen, w.n);
        if (w.open && w.text_n)
            assert_string_equal(w.readers[i].text, w.text);
    }
}

static void live_through(unsigned seed)
{
    memset(&w, 0, sizeof w);
    w.seed = seed * 2654435761u;
    struct rooms_limits limits = {
        .rooms = 4, .ring_events = dice(2) ? 8 : 64, .ring_bytes = 1 << 20, .text_bytes = dice(4) ? 1 << 20 : 700};
    rooms_init(&w.rooms, &limits, seed);
    for (int i = 0; i < TURNS; i++) {
        if (dice(2))
            write_something();
        turn();
    }
    calm_down();
    for (int i = 0; i < READERS; i++)
        leave(&w.readers[i]);
    rooms_fini(&w.rooms);
    while (w.pool_n)
        free(w.pool[--w.pool_n]);
    assert_int_equal(frame_count, 0);
    assert_int_equal(w.rooms.text_bytes, 0);
    assert_int_equal(w.rooms.ring_bytes, 0);
}

static unsigned current; // the seed that failed, if one did
static void everybody_gets_everything_once(void **state)
{
    (void)state;
    const char *one = getenv("TRACE_TEST_SEED");
    unsigned first = one ? (unsigned)strtoul(one, NULL, 10) : 1;
    for (unsigned seed = first; seed < first + (one ? 1 : SEEDS); seed++) {
        current = seed;
        live_through(seed);
    }
    current = 0;
}

static int say_seed(void **state)
{
    (void)state;
    if (current)
        print_message("# run again with TRACE_TEST_SEED=%u\n", current);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(everybody_gets_everything_once, say_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
