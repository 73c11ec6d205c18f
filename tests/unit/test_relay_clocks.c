// SPDX-License-Identifier: Apache-2.0
// By how much the clocks of two machines are apart, for the order of what comes from both: it does not change when one
// of the wall clocks is set.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "relay/questions.h"

#define SECOND_NS INT64_C(1000000000)

// A message of a machine whose monotonic clock is `behind_ns` behind ours, and whose wall clock shows `wall_us`.
static void hear(struct relay *relay, int64_t behind_ns, int64_t wall_us)
{
    struct seal_message message = {.kind = SEAL_ALIVE, .from = 7, .sent_us = wall_us};
    message.ahead_ns = wall_us * 1000 - (clock_mono_ns() - behind_ns);
    questions_take(relay, &message);
}

static void a_clock_that_is_set_leaves_stamps_where_they_were(void **state)
{
    (void)state;
    struct relay relay = {.self = 1, .questions = questions_new()};
    int64_t began_ns = relay.now_ns = clock_mono_ns(), apart_ns;
    assert_false(questions_apart_ns(&relay, 7, &apart_ns));
    const int64_t steps_us[] = {0, INT64_C(3600000000), -INT64_C(3600000000)};
    for (size_t i = 0; i < sizeof steps_us / sizeof steps_us[0]; i++) {
        hear(&relay, 5 * SECOND_NS, clock_wall_us() + steps_us[i]);
        assert_true(questions_apart_ns(&relay, 7, &apart_ns));
        assert_true(apart_ns >= 5 * SECOND_NS && apart_ns <= 5 * SECOND_NS + clock_mono_ns() - began_ns);
    }
    assert_false(questions_apart_ns(&relay, 0, &apart_ns));
    questions_free(relay.questions);
}

// The quickest message counts, until a minute has shown none that was as quick.
static void clocks_that_drift_are_followed(void **state)
{
    (void)state;
    struct relay relay = {.self = 1, .questions = questions_new(), .now_ns = clock_mono_ns()};
    int64_t apart_ns;
    hear(&relay, 5 * SECOND_NS, clock_wall_us());
    for (int window = 0; window < 2; window++) {
        hear(&relay, 8 * SECOND_NS, clock_wall_us());
        assert_true(questions_apart_ns(&relay, 7, &apart_ns));
        assert_true(apart_ns < 8 * SECOND_NS);
        relay.now_ns += 31 * SECOND_NS;
    }
    hear(&relay, 8 * SECOND_NS, clock_wall_us());
    assert_true(questions_apart_ns(&relay, 7, &apart_ns));
    assert_true(apart_ns >= 8 * SECOND_NS);
    questions_free(relay.questions);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_set_leaves_stamps_where_they_were),
        cmocka_unit_test(clocks_that_drift_are_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
