// SPDX-License-Identifier: Apache-2.0
// Steps that are put together: which of them have to wait for the others.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "store/put_list.h"

enum { STEPS_MAX = 8, LONG = 20000 };

// One letter for each step: its id, and that of its parent or a space; 'x' is no step of the list.
static void expect_alone(const char *ids, const char *parents, const char *alone)
{
    char names[STEPS_MAX][2][2] = {0};
    struct store_put_step steps[STEPS_MAX] = {0};
    struct buf printed = {0};
    int n = (int)strlen(ids);
    for (int i = 0; i < n; i++) {
        names[i][0][0] = ids[i];
        names[i][1][0] = parents[i];
        steps[i].of.id = names[i][0];
        steps[i].of.parent_id = parents[i] == ' ' ? NULL : names[i][1];
    }
    store_put_list_print(&printed, steps, n);
    json_t *list = json_loads(buf_cstr(&printed), 0, NULL);
    assert_int_equal(json_array_size(list), n);
    for (int i = 0; i < n; i++) {
        json_t *step = json_array_get(list, (size_t)i);
        assert_int_equal(json_integer_value(json_object_get(step, "i")), i);
        assert_string_equal(json_string_value(json_object_get(step, "id")), names[i][0]);
        assert_int_equal(json_is_true(json_object_get(step, "alone")), alone[i] == '!');
    }
    json_decref(list);
    buf_fini(&printed);
}

static void trees_wait_for_nothing_in_whatever_order_they_come(void **state)
{
    (void)state;
    expect_alone("", "", "");
    expect_alone("a", " ", " ");
    expect_alone("abcd", " aab", "    ");
    expect_alone("dcba", "baa ", "    ");
    expect_alone("bca", "xa ", "   ");
}

static void an_id_waits_where_it_occurs_again(void **state)
{
    (void)state;
    expect_alone("abab", "  a ", "  !!");
    // What hangs on it stands under the first.
    expect_alone("aba", " ab", "  !");
}

static void what_stands_above_itself_waits_and_what_hangs_on_it_does_not(void **state)
{
    (void)state;
    expect_alone("a", "a", "!");
    expect_alone("abc", "bca", "!!!");
    expect_alone("dabce", "abcad", " !!! ");
    expect_alone("abcdef", "badcaf", "!!!! !");
}

static void a_long_chain_waits_for_nothing(void **state)
{
    (void)state;
    struct store_put_step *steps = mem_zero(LONG * sizeof *steps);
    char(*ids)[16] = mem_zero(LONG * sizeof *ids);
    struct buf printed = {0};
    for (int i = 0; i < LONG; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "stp_%d", i);
        steps[i].of.id = ids[i];
        steps[i].of.parent_id = i + 1 < LONG ? ids[i + 1] : NULL;
    }
    store_put_list_print(&printed, steps, LONG);
    assert_null(memmem(printed.p, printed.n, "\"alone\":true", 12));
    buf_fini(&printed);
    free(ids);
    free(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_wait_for_nothing_in_whatever_order_they_come),
        cmocka_unit_test(an_id_waits_where_it_occurs_again),
        cmocka_unit_test(what_stands_above_itself_waits_and_what_hangs_on_it_does_not),
        cmocka_unit_test(a_long_chain_waits_for_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
