// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "cgi/traceparent.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void is_read(void **state)
{
    (void)state;
    struct traceparent parent;
    assert_int_equal(traceparent_read(STR("00-" TRACE "-" SPAN "-01"), &parent), 0);
    assert_true(str_eq(parent.trace_id, STR(TRACE)));
    assert_true(str_eq(parent.span_id, STR(SPAN)));
    assert_true(parent.is_sampled);
    assert_int_equal(traceparent_read(STR("00-" TRACE "-" SPAN "-00"), &parent), 0);
    assert_false(parent.is_sampled);
    // Other flags say nothing of it.
    assert_int_equal(traceparent_read(STR("00-" TRACE "-" SPAN "-fe"), &parent), 0);
    assert_false(parent.is_sampled);
    assert_int_equal(traceparent_read(STR("00-" TRACE "-" SPAN "-0b"), &parent), 0);
    assert_true(parent.is_sampled);
}

static void later_versions_are_read_as_far_as_they_are_known(void **state)
{
    (void)state;
    struct traceparent parent;
    assert_int_equal(traceparent_read(STR("cc-" TRACE "-" SPAN "-01"), &parent), 0);
    assert_int_equal(traceparent_read(STR("cc-" TRACE "-" SPAN "-01-what-is-new"), &parent), 0);
    assert_true(parent.is_sampled);
    assert_int_equal(traceparent_read(STR("cc-" TRACE "-" SPAN "-01.what"), &parent), -1);
}

static void what_is_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-011",
        "00-" TRACE "-" SPAN "-01-more",
        "ff-" TRACE "-" SPAN "-01",
        "0x-" TRACE "-" SPAN "-01",
        "00_" TRACE "-" SPAN "-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "_01",
        "00-" TRACE "-" SPAN "-0g",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-" TRACE "-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319\"-" SPAN "-01",
    };
    struct traceparent parent;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (traceparent_read(str_from(wrong[i]), &parent) != -1)
            fail_msg("taken: %s", wrong[i]);
    assert_int_equal(traceparent_read(STR_NONE, &parent), -1);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read),
        cmocka_unit_test(later_versions_are_read_as_far_as_they_are_known),
        cmocka_unit_test(what_is_none),
    };
    return cmocka_run_group_tests_name("cgi traceparent", tests, NULL, NULL);
}
