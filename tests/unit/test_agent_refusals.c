// SPDX-License-Identifier: Apache-2.0
// Sessions that were refused: left alone, asked for again, said once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/refusals.h"

static void a_refusal_stands_until_it_lapses(void **state)
{
    struct refusals refusals = {0};
    (void)state;
    assert_false(refusals_stand(&refusals, "ses_1"));
    assert_true(refusals_note(&refusals, "ses_1"));
    assert_true(refusals_stand(&refusals, "ses_1"));
    assert_false(refusals_stand(&refusals, "ses_2"));
    refusals_lapse(&refusals);
    assert_false(refusals_stand(&refusals, "ses_1"));
    assert_false(refusals_note(&refusals, "ses_1"));
    assert_true(refusals_stand(&refusals, "ses_1"));
}

static void the_oldest_is_forgotten_first(void **state)
{
    struct refusals refusals = {0};
    (void)state;
    char id[TRACE_ID_SIZE];
    for (int i = 0; i <= REFUSALS_MAX; i++) {
        (void)snprintf(id, sizeof id, "ses_%d", i);
        assert_true(refusals_note(&refusals, id));
    }
    assert_false(refusals_stand(&refusals, "ses_0"));
    assert_true(refusals_stand(&refusals, "ses_1"));
    assert_true(refusals_stand(&refusals, id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_stands_until_it_lapses),
        cmocka_unit_test(the_oldest_is_forgotten_first),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
