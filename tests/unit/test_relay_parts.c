// SPDX-License-Identifier: Apache-2.0
// The parts of the relay that think: the seal of its messages, and which rooms are followed by whom.
#include "tests/unit/base.h"

#include "relay/followed.h"
#include "relay/seal.h"
#include "wire/interest.h"

#define KEY STR("a key of the tests, 32 characters")
#define SUBJECT STR("trace.default.session.ses_1")
enum { MINUTE_US = 60000000 };

static struct seal_message usual(void)
{
    return (struct seal_message){.kind = SEAL_ACKED,
                                 .from = 1,
                                 .to = UINT64_MAX,
                                 .number = 7,
                                 .sent_us = INT64_C(1000) * MINUTE_US,
                                 .ahead_ns = -5,
                                 .body = STR("body")};
}

static void a_message_is_read_as_it_was_sealed(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct seal_message read;
    const struct seal_message sent = usual();
    seal_pack(&bytes, KEY, SUBJECT, &sent);
    assert_int_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us, buf_view(&bytes)), SEAL_OK);
    assert_int_equal(read.kind, sent.kind);
    assert_true(read.from == sent.from && read.to == sent.to && read.number == sent.number);
    assert_true(read.sent_us == sent.sent_us && read.ahead_ns == sent.ahead_ns);
    assert_str(read.body, "body");
    buf_fini(&bytes);
}

static void a_changed_message_is_refused(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct seal_message read;
    const struct seal_message sent = usual();
    seal_pack(&bytes, KEY, SUBJECT, &sent);
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.p[i] ^= 1;
        assert_int_not_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us, buf_view(&bytes)), SEAL_OK);
        bytes.p[i] ^= 1;
    }
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_not_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us, (struct str){bytes.p, n}), SEAL_OK);
    const struct str another = STR("another key of 32 characters too!"), elsewhere = STR("trace.other.session.ses_1");
    assert_int_equal(seal_open(&read, another, SUBJECT, sent.sent_us, buf_view(&bytes)), SEAL_FORGED);
    assert_int_equal(seal_open(&read, KEY, elsewhere, sent.sent_us, buf_view(&bytes)), SEAL_FORGED);
    buf_fini(&bytes);
}

static void a_message_lasts_a_minute(void **state)
{
    (void)state;
    struct buf bytes = {0};
    struct seal_message read;
    const struct seal_message sent = usual();
    seal_pack(&bytes, KEY, SUBJECT, &sent);
    assert_int_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us + MINUTE_US, buf_view(&bytes)), SEAL_OK);
    assert_int_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us + MINUTE_US + 1, buf_view(&bytes)), SEAL_OLD);
    assert_int_equal(seal_open(&read, KEY, SUBJECT, sent.sent_us - MINUTE_US - 1, buf_view(&bytes)), SEAL_OLD);
    buf_fini(&bytes);
}

static int subscribed, unsubscribed;

static void *subscribe(void *context, struct str room)
{
    (void)room;
    subscribed++;
    return context;
}

static void unsubscribe(void *context, void *subscription)
{
    assert_ptr_equal(context, subscription);
    unsubscribed++;
}

static const int64_t linger_ns = FOLLOWED_LINGER_S * INT64_C(1000000000);

static struct followed *make(void)
{
    static int context;
    subscribed = unsubscribed = 0;
    return followed_new((struct followed_hooks){&context, subscribe, unsubscribe});
}

static void a_room_is_subscribed_to_once(void **state)
{
    (void)state;
    struct followed *f = make();
    const struct str room = STR("session:ses_1");
    assert_int_equal(followed_links(f, room), 0);
    assert_int_equal(followed_add(f, 0, room), 0);
    assert_int_equal(followed_add(f, 63, room), 0);
    assert_int_equal(subscribed, 1);
    assert_true(followed_links(f, room) == (UINT64_C(1) << 63 | 1));
    followed_leave(f, 63, 1);
    assert_true(followed_links(f, room) == 1);
    followed_free(f);
    assert_int_equal(unsubscribed, 1);
}

static void a_room_without_readers_is_kept_for_a_while(void **state)
{
    (void)state;
    struct followed *f = make();
    const struct str room = STR("session:ses_1"), other = STR("stream:str_1");
    assert_int_equal(followed_add(f, 1, room), 0);
    assert_int_equal(followed_add(f, 1, other), 0);
    followed_remove(f, 1, room, 100);
    followed_remove(f, 1, room, 200);
    followed_remove(f, 2, other, 100);
    followed_tidy(f, 100 + linger_ns - 1);
    assert_int_equal(followed_count(f), 2);
    assert_int_equal(followed_add(f, 1, room), 0);
    followed_tidy(f, 100 + linger_ns);
    assert_int_equal(followed_count(f), 2);
    assert_int_equal(subscribed, 2);
    followed_remove(f, 1, room, 300);
    followed_tidy(f, 300 + linger_ns);
    assert_int_equal(followed_count(f), 1);
    assert_true(followed_links(f, other) == 2);
    followed_free(f);
    assert_int_equal(unsubscribed, 2);
}

static void many_rooms_are_found(void **state)
{
    (void)state;
    struct followed *f = make();
    enum { MANY = 5000 };
    char name[32];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "session:ses_%d", i);
        assert_int_equal(followed_add(f, (unsigned)i % FOLLOWED_LINKS_MAX, str_from(name)), 0);
    }
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "session:ses_%d", i);
        assert_true(followed_links(f, str_from(name)) == UINT64_C(1) << i % FOLLOWED_LINKS_MAX);
    }
    assert_int_equal(followed_count(f), MANY);
    followed_free(f);
    assert_int_equal(unsubscribed, MANY);
}

static void changes_are_cut_to_messages_and_read_again(void **state)
{
    (void)state;
    struct buf changes = {0};
    const struct str room = STR("session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    enum { CHANGES = 4000 };
    for (int i = 0; i < CHANGES; i++)
        interest_add(&changes, i % 2, room);
    int n = 0, messages = 0;
    for (struct str rest = buf_view(&changes); rest.n; messages++) {
        struct str message = interest_cut(&rest), read;
        assert_in_range(message.n, 1, INTEREST_SIZE_MAX);
        bool is_followed;
        int one;
        while ((one = interest_next(&message, &is_followed, &read)) > 0) {
            assert_true(str_eq(read, room) && is_followed == n % 2);
            n++;
        }
        assert_int_equal(one, 0);
    }
    assert_int_equal(n, CHANGES);
    assert_true(messages > 1);
    const struct str wrong[] = {STR("+"), STR("+session:ses_1"), STR("*session:ses_1\0"), STR("+nonsense\0"),
                                STR("\0")};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct str message = wrong[i], read;
        bool is_followed;
        assert_int_equal(interest_next(&message, &is_followed, &read), -1);
    }
    buf_fini(&changes);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_as_it_was_sealed),
        cmocka_unit_test(a_changed_message_is_refused),
        cmocka_unit_test(a_message_lasts_a_minute),
        cmocka_unit_test(a_room_is_subscribed_to_once),
        cmocka_unit_test(a_room_without_readers_is_kept_for_a_while),
        cmocka_unit_test(many_rooms_are_found),
        cmocka_unit_test(changes_are_cut_to_messages_and_read_again),
    };
    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
