// SPDX-License-Identifier: Apache-2.0
// wire/handoff: what nginx prints a pusher reads, and the other way round; everything else is refused.
#include "tests/unit/base.h"
#include "wire/handoff.h"

enum { MS = 1000000 };

static const struct handoff_request usual = {
    .number = 7,
    .deadline_ns = 5000 * (int64_t)MS,
    .query = {"room=session:ses_1&from=3", 25},
    .address = {"2001:db8::7", 11},
};

static void a_request_is_read_as_it_was_printed(void **state)
{
    char bytes[HANDOFF_BYTES_MAX];
    struct handoff_request read;
    (void)state;
    size_t n = handoff_request_print(&usual, bytes);
    assert_true(n > 0);
    assert_int_equal(handoff_request_parse(&read, (struct str){bytes, n}), 0);
    assert_int_equal(read.number, usual.number);
    assert_int_equal(read.deadline_ns, usual.deadline_ns);
    assert_true(str_eq(read.query, usual.query));
    assert_true(str_eq(read.address, usual.address));
}

static void a_request_that_does_not_fit_is_not_printed(void **state)
{
    static char long_text[HANDOFF_BYTES_MAX];
    char bytes[HANDOFF_BYTES_MAX];
    struct handoff_request request = usual;
    (void)state;
    memset(long_text, 'x', sizeof long_text);
    request.query = (struct str){long_text, sizeof long_text};
    assert_int_equal(handoff_request_print(&request, bytes), 0);
    request.query = STR_NONE;
    assert_int_equal(handoff_request_print(&request, bytes), 0);
    request = usual;
    request.address = (struct str){long_text, HANDOFF_ADDRESS_MAX + 1};
    assert_int_equal(handoff_request_print(&request, bytes), 0);
}

static void a_request_cut_or_changed_is_refused(void **state)
{
    char bytes[HANDOFF_BYTES_MAX + 1];
    struct handoff_request read;
    (void)state;
    size_t n = handoff_request_print(&usual, bytes);
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(handoff_request_parse(&read, (struct str){bytes, cut}), -1);
    bytes[n] = 'x';
    assert_int_equal(handoff_request_parse(&read, (struct str){bytes, n + 1}), -1);
    bytes[3] ^= 1; // the version
    assert_int_equal(handoff_request_parse(&read, (struct str){bytes, n}), -1);
}

static void an_answer_is_read_as_it_was_printed(void **state)
{
    char bytes[HANDOFF_ANSWER_BYTES + 1];
    struct handoff_answer read;
    (void)state;
    for (int verdict = 0; verdict < HANDOFF_VERDICT__MAX; verdict++) {
        struct handoff_answer answer = {UINT64_MAX, (enum handoff_verdict)verdict};
        handoff_answer_print(&answer, bytes);
        assert_int_equal(handoff_answer_parse(&read, (struct str){bytes, HANDOFF_ANSWER_BYTES}), 0);
        assert_true(read.number == UINT64_MAX);
        assert_int_equal(read.verdict, verdict);
    }
    assert_int_equal(handoff_answer_parse(&read, (struct str){bytes, HANDOFF_ANSWER_BYTES - 1}), -1);
    assert_int_equal(handoff_answer_parse(&read, (struct str){bytes, HANDOFF_ANSWER_BYTES + 1}), -1);
    bytes[4] = HANDOFF_VERDICT__MAX;
    assert_int_equal(handoff_answer_parse(&read, (struct str){bytes, HANDOFF_ANSWER_BYTES}), -1);
}

// A pusher may write until the moment from which nginx may, and not in it.
static void at_no_moment_may_both_write(void **state)
{
    (void)state;
    int64_t sent = usual.deadline_ns - HANDOFF_TAKE_MS * (int64_t)MS;
    int64_t given_up = sent + HANDOFF_GIVE_UP_MS * (int64_t)MS;
    assert_false(handoff_is_late(&usual, usual.deadline_ns));
    assert_true(handoff_is_late(&usual, usual.deadline_ns + 1));
    assert_false(handoff_is_void(&usual, given_up - 1));
    assert_true(handoff_is_void(&usual, given_up));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read_as_it_was_printed),
        cmocka_unit_test(a_request_that_does_not_fit_is_not_printed),
        cmocka_unit_test(a_request_cut_or_changed_is_refused),
        cmocka_unit_test(an_answer_is_read_as_it_was_printed),
        cmocka_unit_test(at_no_moment_may_both_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
