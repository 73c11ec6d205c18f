// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "wire/cursor.h"

static const struct example {
    const char *text;
    int rooms;
    bool is_given, is_malformed;
    int64_t from[CURSOR_ROOMS_MAX];
    const char *epoch;
} examples[] = {
    {NULL, 2, false, false, {-1, -1}, ""},
    {"", 2, false, false, {-1, -1}, ""},
    {"34.12", 2, true, false, {34, 12}, ""},
    {"-.12.-", 3, true, false, {-1, 12, -1}, ""},
    {"0", 1, true, false, {0}, ""},
    {"9223372036854775807", 1, true, false, {INT64_MAX}, ""},
    {"1.2.3.4.5.6", 6, true, false, {1, 2, 3, 4, 5, 6}, ""},
    {"9223372036854775808", 1, true, true, {-1}, ""},
    {"34", 2, true, true, {34, -1}, ""},
    {"34.12.7", 2, true, true, {34, 12}, ""},
    {"1.2.3.4.5.6.7.8", 6, true, true, {1, 2, 3, 4, 5, 6}, ""},
    {"34.", 2, true, true, {34, -1}, ""},
    {".12", 2, true, true, {-1, 12}, ""},
    {"3x.12", 2, true, true, {-1, 12}, ""},
    {"-1.12", 2, true, true, {-1, 12}, ""},
    {" 3.12", 2, true, true, {-1, 12}, ""},
    {".", 2, true, true, {-1, -1}, ""},
    {"34.12~7K3QXZ", 2, true, false, {34, 12}, "7K3QXZ"},
    {"-~000000", 1, true, false, {-1}, "000000"},
    {"34~", 1, true, true, {34}, ""},
    {"34~7K3QX", 1, true, true, {34}, ""},
    {"34~7K3QXZ9", 1, true, true, {34}, ""},
    {"34~7k3qxz", 1, true, true, {34}, ""},
    {"34~7K3QXU", 1, true, true, {34}, ""},
    {"34~7K3QXZ~7K3QXZ", 1, true, true, {34}, ""},
    {"~7K3QXZ", 1, true, true, {-1}, "7K3QXZ"},
    {"34.12~7K3QXZ", 1, true, true, {34}, "7K3QXZ"},
};

static void parses_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *e = &examples[i];
        struct cursor cursor;
        cursor_parse(&cursor, str_from(e->text), e->rooms);
        assert_int_equal(cursor.is_given, e->is_given);
        assert_int_equal(cursor.is_malformed, e->is_malformed);
        for (int room = 0; room < e->rooms; room++)
            assert_int_equal(cursor.from[room], e->from[room]);
        assert_string_equal(cursor.epoch, e->epoch);
    }
}

static void what_is_printed_is_read_back(void **state)
{
    (void)state;
    static const int64_t from[CURSOR_ROOMS_MAX] = {INT64_MAX, CURSOR_NOW, 0, 34, INT64_MAX, INT64_MAX};
    static const char *const printed[] = {
        "9223372036854775807",
        "9223372036854775807.-",
        "9223372036854775807.-.0",
        "9223372036854775807.-.0.34",
        "9223372036854775807.-.0.34.9223372036854775807",
        "9223372036854775807.-.0.34.9223372036854775807.9223372036854775807",
    };
    for (unsigned rooms = 1; rooms <= CURSOR_ROOMS_MAX; rooms++) {
        char text[CURSOR_TEXT_SIZE];
        struct cursor cursor;
        size_t bare = cursor_print(text, from, rooms, (struct str){0});
        assert_true(str_eq((struct str){text, bare}, str_from(printed[rooms - 1])));
        size_t n = cursor_print(text, from, rooms, STR("7K3QXZ"));
        assert_true(n <= sizeof text && str_eq((struct str){text + bare, n - bare}, STR("~7K3QXZ")));
        cursor_parse(&cursor, (struct str){text, n}, (int)rooms);
        assert_true(cursor.is_given && !cursor.is_malformed);
        assert_string_equal(cursor.epoch, "7K3QXZ");
        for (unsigned i = 0; i < rooms; i++)
            assert_true(cursor.from[i] == from[i]);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_every_form),
        cmocka_unit_test(what_is_printed_is_read_back),
    };
    return cmocka_run_group_tests_name("wire cursor", tests, NULL, NULL);
}
