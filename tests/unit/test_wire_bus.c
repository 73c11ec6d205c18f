// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "wire/bus.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/wire_pusher.h"

static const struct hint small = {
    .seq = 5, .room = {"stream:x", 8}, .name = {"message:created", 15}, .body = {"{}", 2}};

static void wait_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void reaches_every_pusher(void **state)
{
    (void)state;
    struct pusher one, two;
    pusher_init(&one);
    pusher_come(&one, 1);
    two = one;
    two.message = (struct buf){0};
    pusher_come(&two, 2);
    struct bus *bus = bus_new(one.directory, 2, "");
    bus_send(bus, &small);
    struct hint h;
    assert_true(pusher_take(&one, &h));
    assert_str(h.body, "{}");
    assert_true(h.seq == 5);
    assert_true(pusher_take(&two, &h));
    assert_str(h.room, "stream:x");
    assert_int_equal(bus_lost(bus), 0);
    bus_free(bus);
    pusher_go(&two);
    buf_fini(&two.message);
    pusher_fini(&one);
}

static void loses_what_nobody_hears_and_tries_again_later(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h;
    pusher_init(&p);
    struct bus *bus = bus_new(p.directory, 1, "");
    for (int i = 0; i < 1000; i++)
        bus_send(bus, &small);
    assert_int_equal(bus_lost(bus), 1000);
    pusher_come(&p, 1);
    wait_ms(120);
    bus_send(bus, &small);
    assert_true(pusher_take(&p, &h));
    assert_false(pusher_take(&p, &h));
    assert_int_equal(bus_lost(bus), 1000);
    bus_free(bus);
    pusher_fini(&p);
}

static void the_first_hint_after_a_restart_arrives(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    bus_send(bus, &small);
    assert_true(pusher_take(&p, &h));
    pusher_go(&p);
    pusher_come(&p, 1);
    bus_send(bus, &small);
    assert_true(pusher_take(&p, &h));
    assert_int_equal(bus_lost(bus), 0);
    pusher_go(&p);
    bus_send(bus, &small);
    assert_int_equal(bus_lost(bus), 1);
    bus_free(bus);
    pusher_fini(&p);
}

static void never_waits_for_one_that_does_not_read(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    enum { SENT = 5000 };
    for (int i = 0; i < SENT; i++)
        bus_send(bus, &small);
    int64_t lost = bus_lost(bus), arrived = 0;
    while (pusher_take(&p, &h))
        arrived++;
    assert_true(lost > 0 && arrived > 0);
    assert_true(arrived + lost == SENT);
    bus_send(bus, &small);
    assert_true(pusher_take(&p, &h));
    bus_free(bus);
    pusher_fini(&p);
}

static void waits_once_for_one_that_does_not_take_what_is_long(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h, large = small;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    char *text = calloc(1, HINT_SIZE_USUAL);
    assert_non_null(text);
    large.seq = 0;
    large.body = (struct str){text, HINT_SIZE_USUAL};
    enum { SENT = 50 };
    for (int again = 0; again < 2; again++) {
        int64_t began = clock_mono_ns(), arrived = 0, lost = bus_lost(bus);
        for (int i = 0; i < SENT; i++)
            bus_send(bus, &large);
        int64_t took_ms = (clock_mono_ns() - began) / 1000000;
        // Once for all of them, not once for each.
        assert_true(took_ms >= 95 && took_ms < SENT * 95);
        while (pusher_take(&p, &h))
            arrived++;
        assert_true(arrived > 0 && arrived + bus_lost(bus) - lost == SENT);
        bus_send(bus, &small);
        assert_true(pusher_take(&p, &h));
    }
    free(text);
    bus_free(bus);
    pusher_fini(&p);
}

static void text_that_is_too_long_goes_in_pieces(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    size_t n = 3 * HINT_SIZE_USUAL + 17;
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i % 26);
    const struct hint long_text = {.flags = HINT_CONTENT,
                                   .stamp_ns = 99,
                                   .start_seq = 3,
                                   .raw_length = (uint32_t)n,
                                   .room = STR("session:x"),
                                   .step = STR("stp_x"),
                                   .body = {text, n}};
    bus_send(bus, &long_text);
    size_t at = 0;
    uint16_t pieces = 0;
    while (pusher_take(&p, &h)) {
        assert_int_equal(h.piece, pieces++);
        assert_int_equal(h.pieces, 4);
        assert_true(h.stamp_ns == 99 && h.start_seq == 3 && h.raw_length == n);
        assert_memory_equal(h.body.p, text + at, h.body.n);
        at += h.body.n;
    }
    assert_int_equal(at, n);
    assert_int_equal(pieces, 4);
    struct hint short_text = long_text;
    short_text.body.n = 3;
    bus_send(bus, &short_text);
    assert_true(pusher_take(&p, &h));
    assert_int_equal(h.pieces, 1);
    free(text);
    bus_free(bus);
    pusher_fini(&p);
}

static void events_that_are_too_long_go_as_their_number_or_not_at_all(void **state)
{
    (void)state;
    struct pusher p;
    struct hint h, large = small;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    char *text = calloc(1, HINT_SIZE_MAX);
    assert_non_null(text);
    large.body = (struct str){text, HINT_SIZE_USUAL};
    bus_send(bus, &large);
    assert_true(pusher_take(&p, &h));
    assert_true(h.seq == 5);
    assert_int_equal(h.body.n, 0);
    assert_str(h.name, "message:created");
    // What has no row to be read goes whole.
    large.seq = 0;
    bus_send(bus, &large);
    assert_true(pusher_take(&p, &h));
    assert_int_equal(h.body.n, HINT_SIZE_USUAL);
    large.body.n = HINT_SIZE_MAX;
    bus_send(bus, &large);
    assert_false(pusher_take(&p, &h));
    free(text);
    bus_free(bus);
    bus_free(NULL);
    pusher_fini(&p);
}

// How often what must be quick is tried before it is taken for slow: the machine may be busy.
enum { TRIES = 20 };

// A pusher in a process of its own, which answers at most `n` questions, each `late_ms` late.
static pid_t pusher_answers(const struct pusher *p, int n, int late_ms)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child)
        return child;
    int fd = accept(p->listener, NULL, NULL);
    for (int i = 0; i < n; i++) {
        char message[HINT_SIZE_USUAL];
        struct hint hint;
        ssize_t got = recv(fd, message, sizeof message, 0);
        if (got == 0)
            _exit(0);
        if (got < 0 || hint_unpack(&hint, (struct str){message, (size_t)got}) || hint.flags != HINT_REVOKED)
            _exit(1);
        (void)poll(NULL, 0, late_ms);
        if (send(fd, &hint.stamp_ns, sizeof hint.stamp_ns, MSG_NOSIGNAL) != HINT_ACK_BYTES)
            _exit(2);
    }
    _exit(0);
}

static void says_well(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int64_t revoked_ms(struct bus *bus, int owing)
{
    int64_t began = clock_mono_ns();
    assert_int_equal(bus_revoked(bus), owing);
    return (clock_mono_ns() - began) / 1000000;
}

static void nobody_is_waited_for_where_nobody_is(void **state)
{
    (void)state;
    struct pusher p;
    pusher_init(&p);
    struct bus *bus = bus_new(p.directory, 1, "");
    int64_t quickest_ms = INT64_MAX;
    for (int i = 0; i < TRIES && quickest_ms >= BUS_REVOKED_MS; i++) {
        int64_t took_ms = revoked_ms(bus, 1);
        quickest_ms = took_ms < quickest_ms ? took_ms : quickest_ms;
    }
    assert_true(quickest_ms < BUS_REVOKED_MS);
    bus_free(bus);
    pusher_fini(&p);
}

static void the_end_of_rights_is_acknowledged(void **state)
{
    (void)state;
    struct pusher p;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    pid_t child = pusher_answers(&p, TRIES, 20);
    int owing = 1;
    for (int i = 0; i < TRIES && owing; i++) {
        int64_t began_ns = clock_mono_ns();
        owing = bus_revoked(bus);
        assert_true(clock_mono_ns() - began_ns >= 20 * INT64_C(1000000));
    }
    assert_int_equal(owing, 0);
    bus_free(bus);
    says_well(child);
    pusher_fini(&p);
}

static void one_that_has_gone_is_owing(void **state)
{
    (void)state;
    struct pusher p;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    pid_t child = pusher_answers(&p, 0, 0);
    says_well(child);
    (void)revoked_ms(bus, 1);
    bus_free(bus);
    pusher_fini(&p);
}

static void an_acknowledgement_is_not_waited_for_in_vain(void **state)
{
    (void)state;
    struct pusher p;
    pusher_init(&p);
    pusher_come(&p, 1);
    struct bus *bus = bus_new(p.directory, 1, "");
    pid_t child = pusher_answers(&p, 2, BUS_REVOKED_MS + BUS_REVOKED_MS / 2);
    int64_t took_ms = revoked_ms(bus, 1);
    assert_true(took_ms >= BUS_REVOKED_MS - 1);
    // The answer to the first question comes during the second, and is none to that.
    took_ms = revoked_ms(bus, 1);
    assert_true(took_ms >= BUS_REVOKED_MS - 1);
    says_well(child);
    bus_free(bus);
    pusher_fini(&p);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    log_init("test", LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_every_pusher),
        cmocka_unit_test(loses_what_nobody_hears_and_tries_again_later),
        cmocka_unit_test(the_first_hint_after_a_restart_arrives),
        cmocka_unit_test(never_waits_for_one_that_does_not_read),
        cmocka_unit_test(waits_once_for_one_that_does_not_take_what_is_long),
        cmocka_unit_test(text_that_is_too_long_goes_in_pieces),
        cmocka_unit_test(nobody_is_waited_for_where_nobody_is),
        cmocka_unit_test(the_end_of_rights_is_acknowledged),
        cmocka_unit_test(one_that_has_gone_is_owing),
        cmocka_unit_test(an_acknowledgement_is_not_waited_for_in_vain),
        cmocka_unit_test(events_that_are_too_long_go_as_their_number_or_not_at_all),
    };
    return cmocka_run_group_tests_name("wire bus", tests, NULL, NULL);
}
