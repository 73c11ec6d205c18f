// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <stdlib.h>
#include "wire/hint.h"

static const struct hint whole = {
    .flags = HINT_DELTA | HINT_OPENS_STEP,
    .seq = INT64_C(1) << 40,
    .start_seq = 7,
    .stamp_ns = INT64_MAX,
    .n = INT64_C(1) << 50,
    .offset = 12345678901,
    .raw_length = 4000000000U,
    .piece = 2,
    .pieces = 3,
    .room = {"session:ses_01ARZ3NDEKTSV4RRFFQ69G5FAV", 38},
    .name = {"agent_session:step:progress", 27},
    .step = {"stp_01ARZ3NDEKTSV4RRFFQ69G5FAV", 30},
    .body = {"text with \0 in it", 17},
};

static void comes_back_as_it_went(void **state)
{
    (void)state;
    struct buf b = {0};
    struct hint back;
    assert_int_equal(hint_pack(&b, &whole), 0);
    assert_int_equal(hint_unpack(&back, buf_view(&b)), 0);
    assert_int_equal(back.flags, whole.flags);
    assert_true(back.seq == whole.seq && back.start_seq == whole.start_seq && back.stamp_ns == whole.stamp_ns);
    assert_true(back.n == whole.n);
    assert_true(back.offset == whole.offset && back.raw_length == whole.raw_length);
    assert_true(back.piece == whole.piece && back.pieces == whole.pieces);
    assert_true(str_eq(back.room, whole.room) && str_eq(back.name, whole.name) && str_eq(back.step, whole.step));
    assert_true(str_eq(back.body, whole.body));
    buf_fini(&b);
}

static void an_empty_one_is_whole_too(void **state)
{
    (void)state;
    struct buf b = {0};
    struct hint back, none = {0};
    assert_int_equal(hint_pack(&b, &none), 0);
    assert_int_equal(hint_unpack(&back, buf_view(&b)), 0);
    assert_int_equal(back.room.n + back.name.n + back.step.n + back.body.n, 0);
    buf_fini(&b);
}

static void has_room_up_to(struct hint h, size_t size)
{
    struct hint back;
    size_t most = hint_room_for_body(&h);
    char *body = calloc(1, most + 1);
    assert_non_null(body);
    struct buf b = {0};
    h.body = (struct str){body, most};
    assert_int_equal(hint_pack(&b, &h), 0);
    assert_int_equal(b.n, size);
    assert_int_equal(hint_unpack(&back, buf_view(&b)), 0);
    assert_int_equal(back.body.n, most);
    buf_clear(&b);
    buf_lit(&b, "before");
    h.body.n = most + 1;
    assert_int_equal(hint_pack(&b, &h), -1);
    assert_str(buf_view(&b), "before");
    free(body);
    buf_fini(&b);
}

static void has_room_up_to_the_limit_and_not_beyond(void **state)
{
    (void)state;
    struct hint text = whole, ephemeral = whole, durable = whole;
    text.seq = ephemeral.seq = 0;
    ephemeral.flags = durable.flags = 0;
    has_room_up_to(text, HINT_SIZE_USUAL);
    has_room_up_to(durable, HINT_SIZE_USUAL);
    has_room_up_to(ephemeral, HINT_SIZE_MAX);
}

static void refuses_other_lengths(void **state)
{
    (void)state;
    struct buf b = {0};
    struct hint back;
    assert_int_equal(hint_pack(&b, &whole), 0);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(hint_unpack(&back, (struct str){b.p, n}), -1);
    buf_char(&b, 'x');
    assert_int_equal(hint_unpack(&back, buf_view(&b)), -1);
    while (b.n <= HINT_SIZE_MAX)
        buf_char(&b, 'x');
    assert_int_equal(hint_unpack(&back, buf_view(&b)), -1);
    buf_fini(&b);
}

// A field of the header at that offset gets a value that no writer sends.
static void refuses_impossible_headers(void **state)
{
    (void)state;
    static const struct {
        size_t at, size;
        uint64_t value;
    } cases[] = {
        {0, 4, 1},                                                           // the version
        {8, 8, UINT64_MAX},                                                  // seq
        {16, 8, UINT64_MAX},                                                 // start_seq
        {32, 8, UINT64_MAX},                                                 // n
        {40, 8, UINT64_MAX},                                                 // offset
        {52, 2, 3},                                                          // piece, of 3
        {56, 2, 129},                                                        // the lengths of room, name, step
        {58, 2, 129},        {60, 2, 129}, {56, 2, 37}, {64, 4, UINT32_MAX}, // of the body
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf b = {0};
        struct hint back;
        assert_int_equal(hint_pack(&b, &whole), 0);
        memcpy(b.p + cases[i].at, &cases[i].value, cases[i].size);
        if (hint_unpack(&back, buf_view(&b)) == 0)
            fail_msg("case %zu", i);
        buf_fini(&b);
    }
    struct hint odd = whole, back;
    odd.piece = 1;
    odd.pieces = 0;
    struct buf b = {0};
    assert_int_equal(hint_pack(&b, &odd), 0);
    assert_int_equal(hint_unpack(&back, buf_view(&b)), -1);
    buf_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_went),
        cmocka_unit_test(an_empty_one_is_whole_too),
        cmocka_unit_test(has_room_up_to_the_limit_and_not_beyond),
        cmocka_unit_test(refuses_other_lengths),
        cmocka_unit_test(refuses_impossible_headers),
    };
    return cmocka_run_group_tests_name("wire hint", tests, NULL, NULL);
}
