// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "wire/pass.h"

#define KEY STR("0123456789abcdef0123456789abcdef")
#define TEXT "room=session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV~4~2&principal=usr_x&at=1"
static const int64_t second_ns = INT64_C(1000000000);

static struct buf sealed(const char *text)
{
    struct buf b = {0};
    buf_lit(&b, "/internal/pusher/1?");
    size_t from = b.n;
    buf_str(&b, str_from(text));
    pass_seal(&b, from, KEY, 100 * second_ns);
    struct buf query = {0};
    buf_str(&query, str_skip(buf_view(&b), from));
    buf_fini(&b);
    return query;
}

static void what_the_door_seals_the_pusher_opens(void **state)
{
    (void)state;
    struct buf b = sealed(TEXT);
    struct str query = buf_view(&b);
    assert_int_equal(pass_open(&query, KEY, 100 * second_ns), PASS_OK);
    assert_true(str_eq(query, STR(TEXT)));
    query = buf_view(&b);
    assert_int_equal(pass_open(&query, KEY, (100 + PASS_LASTS_S) * second_ns), PASS_OK);
    buf_fini(&b);
}

static void a_seal_lasts_so_long_and_no_longer(void **state)
{
    (void)state;
    struct buf b = sealed(TEXT);
    struct str query = buf_view(&b);
    assert_int_equal(pass_open(&query, KEY, (100 + PASS_LASTS_S) * second_ns + 1), PASS_OLD);
    assert_int_equal(pass_open(&query, KEY, 100 * second_ns - 1), PASS_OLD);
    buf_fini(&b);
}

static void nothing_of_it_can_be_changed(void **state)
{
    (void)state;
    struct buf b = sealed(TEXT);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 1;
        struct str query = buf_view(&b);
        assert_int_equal(pass_open(&query, KEY, 100 * second_ns), PASS_FORGED);
        b.p[i] ^= 1;
        query = (struct str){b.p, i};
        assert_int_equal(pass_open(&query, KEY, 100 * second_ns), PASS_FORGED);
    }
    struct str query = buf_view(&b);
    assert_int_equal(pass_open(&query, STR("0123456789abcdef0123456789abcdeF"), 100 * second_ns), PASS_FORGED);
    buf_str(&b, STR("&principal=usr_y"));
    query = buf_view(&b);
    assert_int_equal(pass_open(&query, KEY, 100 * second_ns), PASS_FORGED);
    buf_fini(&b);
}

static void what_has_no_seal_is_not_opened(void **state)
{
    (void)state;
    static const char *const texts[] = {"", TEXT, TEXT "&made=1", "&mac=", TEXT "&made=100000000000&mac=00"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct str query = str_from(texts[i]);
        assert_int_equal(pass_open(&query, KEY, 100 * second_ns), PASS_FORGED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_door_seals_the_pusher_opens),
        cmocka_unit_test(a_seal_lasts_so_long_and_no_longer),
        cmocka_unit_test(nothing_of_it_can_be_changed),
        cmocka_unit_test(what_has_no_seal_is_not_opened),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
