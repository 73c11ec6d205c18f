#include "tests/unit/cgi.h"

#include "cgi/cursor.h"

static const struct example {
    const char *text;
    int rooms;
    bool is_given, is_malformed;
    int64_t from[CURSOR_ROOMS_MAX];
} examples[] = {
    {NULL, 2, false, false, {-1, -1}},
    {"", 2, false, false, {-1, -1}},
    {"34.12", 2, true, false, {34, 12}},
    {"-.12.-", 3, true, false, {-1, 12, -1}},
    {"0", 1, true, false, {0}},
    {"9223372036854775807", 1, true, false, {INT64_MAX}},
    {"1.2.3.4.5.6", 6, true, false, {1, 2, 3, 4, 5, 6}},
    {"9223372036854775808", 1, true, true, {-1}},
    {"34", 2, true, true, {34, -1}},
    {"34.12.7", 2, true, true, {34, 12}},
    {"1.2.3.4.5.6.7.8", 6, true, true, {1, 2, 3, 4, 5, 6}},
    {"34.", 2, true, true, {34, -1}},
    {".12", 2, true, true, {-1, 12}},
    {"3x.12", 2, true, true, {-1, 12}},
    {"-1.12", 2, true, true, {-1, 12}},
    {" 3.12", 2, true, true, {-1, 12}},
    {".", 2, true, true, {-1, -1}},
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
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parses_every_form)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
