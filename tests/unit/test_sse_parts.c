// SPDX-License-Identifier: Apache-2.0
// The small parts of the pusher: frames, the ring, batches and what remains of them, timers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "sse/batch.h"
#include "sse/frame.h"
#include "sse/outbox.h"
#include "sse/ring.h"
#include "sse/wheel.h"

static void says(struct str got, const char *wanted)
{
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.p, wanted, got.n);
}

static void a_frame_is_one_event(void **state)
{
    (void)state;
    struct frame *f = frame_event(1234567890123, STR("a:b"), STR("{\"x\":\n1,\r\"y\":2}"));
    says(frame_whole(f), "id: 1234567890123\nevent: a:b\ndata: {\"x\": 1, \"y\":2}\n\n");
    says(frame_tail(f), "event: a:b\ndata: {\"x\": 1, \"y\":2}\n\n");
    assert_ptr_equal(frame_ref(f), f);
    frame_unref(f);
    frame_unref(f);
    f = frame_event(0, STR("a\nid: 7"), STR("{}"));
    says(frame_whole(f), "event: a id: 7\ndata: {}\n\n");
    frame_unref(f);
    f = frame_event(0, STR("a"),
                    STR("\"\xE2\x80\xA8x\xE2\x80\xA9\xC2\x85\xC2\x84\xE2\x80\xA7\xE2\x81\xA8\xC3\xA9\xE2\x80\xA8\""));
    says(frame_whole(f),
         "event: a\ndata: \"\\u2028x\\u2029\\u0085\xC2\x84\xE2\x80\xA7\xE2\x81\xA8\xC3\xA9\\u2028\"\n\n");
    frame_unref(f);
    // Cut off in the middle of a character, as no JSON is.
    f = frame_event(0, STR("a"), STR("\xE2\x80"));
    says(frame_whole(f), "event: a\ndata: \xE2\x80\n\n");
    frame_unref(f);
    frame_unref(NULL);
    assert_int_equal(frame_count, 0);
    assert_int_equal(frame_total, 0);
}

static void push(struct ring *ring, int64_t number, bool numbered)
{
    (void)ring_push(ring,
                    &(struct entry){.number = number, .numbered = numbered, .frame = frame_bytes(STR("0123456789"))});
}

static void a_ring_forgets_the_oldest(void **state)
{
    (void)state;
    struct ring ring;
    ring_init(&ring, 1, 1000);
    assert_int_equal(ring_above(&ring, 0), 0);
    for (int64_t n = 1; n <= 20; n++) {
        push(&ring, n, true);
        push(&ring, n, false);
    }
    assert_int_equal(ring.end - ring.first, 8);
    assert_int_equal(ring_at(&ring, ring.first)->number, 17);
    assert_int_equal(ring_above(&ring, 18), ring.first + 4);
    assert_int_equal(ring_above(&ring, 20), ring.end);
    assert_int_equal(ring_above(&ring, 3), ring.first);
    uint64_t end = ring.end;
    ring_clear(&ring);
    assert_int_equal(ring.first, end);
    assert_int_equal(ring.bytes, 0);
    ring_clear(&ring);
    ring_init(&ring, 100, 35);
    for (int64_t n = 1; n <= 20; n++)
        push(&ring, n, true);
    assert_int_equal(ring.end - ring.first, 3);
    ring_clear(&ring);
    assert_int_equal(frame_count, 0);
}

// Writes the batch in bites of `bite` bytes and returns everything that came through.
static struct buf bites(struct batch *batch, size_t bite)
{
    struct outbox outbox = {0};
    struct buf got = {0};
    size_t left = bite;
    for (unsigned i = 0; i < batch->n && left; i++) {
        size_t n = batch->part[i].iov_len < left ? batch->part[i].iov_len : left;
        buf_bytes(&got, batch->part[i].iov_base, n);
        left -= n;
    }
    outbox_keep(&outbox, batch, bite - left);
    batch_clear(batch);
    while (outbox.n) {
        struct iovec parts[OUTBOX_PARTS];
        unsigned n = outbox_parts(&outbox, parts);
        size_t sent = 0;
        for (unsigned i = 0; i < n && sent < bite; i++) {
            size_t some = parts[i].iov_len < bite - sent ? parts[i].iov_len : bite - sent;
            buf_bytes(&got, parts[i].iov_base, some);
            sent += some;
        }
        (void)outbox_sent(&outbox, sent, n);
    }
    assert_null(outbox.at);
    outbox_fini(&outbox);
    return got;
}

static void what_the_kernel_leaves_comes_later(void **state)
{
    (void)state;
    static struct batch batch;
    for (size_t bite = 1; bite < 90; bite++) {
        struct frame *f = frame_event(5, STR("e"), STR("{\"five\":5}"));
        f->stamp_ns = 9;
        batch_init(&batch, 100);
        batch_frame(&batch, f, frame_whole(f));
        batch_text(&batch, STR("id: 1.2\n"));
        batch_frame(&batch, f, frame_tail(f));
        frame_unref(f);
        assert_int_equal(batch.oldest_ns, 9);
        assert_true(batch_has_room(&batch));
        struct buf got = bites(&batch, bite);
        says(buf_view(&got), "id: 5\nevent: e\ndata: {\"five\":5}\n\nid: 1.2\nevent: e\ndata: {\"five\":5}\n\n");
        buf_fini(&got);
    }
    assert_int_equal(frame_count, 0);
}

static void a_batch_has_an_end(void **state)
{
    (void)state;
    static struct batch batch;
    struct frame *early = frame_bytes(STR("early")), *late = frame_bytes(STR("late"));
    early->stamp_ns = 3;
    late->stamp_ns = 4;
    batch_init(&batch, 1000000);
    int n = 0;
    for (; batch_has_room(&batch); n++)
        batch_frame(&batch, n ? late : early, frame_whole(n ? late : early));
    assert_int_equal(n, BATCH_PARTS - 1);
    assert_int_equal(batch.oldest_ns, 3);
    batch_clear(&batch);
    batch_init(&batch, 4);
    batch_frame(&batch, late, frame_whole(late));
    assert_false(batch_has_room(&batch));
    batch_clear(&batch);
    frame_unref(early);
    frame_unref(late);
}

static int run(struct wheel *wheel, uint64_t now)
{
    struct list due;
    int n = 0;
    list_init(&due);
    wheel_turn(wheel, now, &due);
    while (list_take(&due))
        n++;
    return n;
}

static void timers_come_when_they_are_due(void **state)
{
    (void)state;
    struct wheel wheel;
    struct timer a = {0}, b = {0}, c = {0};
    wheel_init(&wheel, 1000);
    wheel_set(&wheel, &a, 1000); // due already: with the next turn
    wheel_set(&wheel, &b, 1002);
    wheel_set(&wheel, &c, 1002 + 3 * WHEEL_SPOKES); // the same spoke, laps later
    assert_int_equal(run(&wheel, 1000), 0);
    assert_int_equal(run(&wheel, 1001), 1);
    assert_int_equal(run(&wheel, 1003), 1);
    wheel_set(&wheel, &b, 1010);
    wheel_set(&wheel, &b, 1005);
    wheel_stop(&b);
    wheel_stop(&b);
    assert_int_equal(run(&wheel, 1002 + WHEEL_SPOKES), 0);
    assert_int_equal(run(&wheel, 1001 + 3 * WHEEL_SPOKES), 0);
    assert_int_equal(run(&wheel, 1000 + 9 * WHEEL_SPOKES), 1);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_one_event),
        cmocka_unit_test(a_ring_forgets_the_oldest),
        cmocka_unit_test(what_the_kernel_leaves_comes_later),
        cmocka_unit_test(a_batch_has_an_end),
        cmocka_unit_test(timers_come_when_they_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
