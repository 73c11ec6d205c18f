// SPDX-License-Identifier: Apache-2.0
// sse/text: what pieces, deltas and whole contents amount to in every order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "sse/text.h"

static struct text t;

static int begin(void **state)
{
    (void)state;
    t = (struct text){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    text_fini(&t);
    return 0;
}

static enum text_change content(int64_t stamp, const char *text)
{
    struct text_part part = {.stamp_ns = stamp, .raw = (int64_t)strlen(text), .escaped = str_from(text)};
    return text_content(&t, &part);
}

static enum text_change delta(int64_t stamp, int64_t offset, const char *text)
{
    struct text_part part = {
        .stamp_ns = stamp, .offset = offset, .raw = (int64_t)strlen(text), .escaped = str_from(text)};
    return text_delta(&t, &part);
}

static void is(const char *text)
{
    assert_int_equal(t.escaped.n, strlen(text));
    assert_memory_equal(t.escaped.p, text, t.escaped.n);
}

static void a_content_replaces_unless_it_is_older(void **state)
{
    (void)state;
    assert_int_equal(content(10, "one"), TEXT_REPLACED);
    assert_int_equal(content(20, "second"), TEXT_REPLACED);
    assert_int_equal(content(15, "stale"), TEXT_SAME);
    assert_int_equal(content(20, "doubled"), TEXT_SAME);
    is("second");
    assert_int_equal(t.raw, 6);
    assert_int_equal(t.generation, 2);
}

static void a_delta_appends_what_is_new(void **state)
{
    (void)state;
    (void)content(10, "abc");
    assert_int_equal(delta(11, 3, "de"), TEXT_APPENDED);
    assert_int_equal(delta(11, 3, "de"), TEXT_SAME);
    assert_int_equal(delta(12, 4, "ef"), TEXT_APPENDED);
    assert_int_equal(delta(9, 6, "stale"), TEXT_SAME);
    is("abcdef");
}

static void a_delta_before_its_predecessor_waits(void **state)
{
    (void)state;
    (void)content(10, "abc");
    assert_int_equal(delta(13, 7, "hi"), TEXT_SAME);
    assert_int_equal(delta(12, 5, "fg"), TEXT_SAME);
    assert_true(text_memory(&t) > t.escaped.cap);
    assert_int_equal(delta(11, 3, "de"), TEXT_APPENDED);
    is("abcdefghi");
    assert_null(t.early);
}

static void what_waited_too_long_is_dropped(void **state)
{
    (void)state;
    (void)content(10, "abc");
    (void)delta(11, 9, "beyond");
    (void)delta(12, 12, "overtaken");
    assert_int_equal(content(20, "whole text"), TEXT_REPLACED);
    is("whole text");
    assert_null(t.early);
    for (int i = 0; i < 2 * TEXT_EARLY_MAX; i++)
        assert_int_equal(delta(30, 100 + i, "x"), TEXT_SAME);
    text_forget(&t);
    assert_int_equal(t.raw, 0);
    assert_int_equal(content(15, "stale still"), TEXT_SAME);
    assert_int_equal(delta(31, 0, "anew"), TEXT_APPENDED);
    is("anew");
}

static void an_early_delta_too_many_is_not_kept(void **state)
{
    static char large[TEXT_EARLY_BYTES + 2];
    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(delta(10, 5, large), TEXT_SAME);
    assert_true(text_memory(&t) < TEXT_EARLY_BYTES);
}

static enum text_change piece(int64_t stamp, unsigned i, unsigned n, const char *text, bool whole)
{
    struct text_part part = {.stamp_ns = stamp, .raw = 6, .piece = i, .pieces = n, .escaped = str_from(text)};
    return whole ? text_content(&t, &part) : text_delta(&t, &part);
}

static struct text_part numbered(int64_t n, int64_t stamp, int64_t offset, const char *text)
{
    return (struct text_part){
        .n = n, .stamp_ns = stamp, .offset = offset, .raw = (int64_t)strlen(text), .escaped = str_from(text)};
}

static void the_writers_numbers_are_believed_over_stamps(void **state)
{
    (void)state;
    struct text_part first = numbered(1, 50, 0, "one"), third = numbered(3, 20, 0, "three");
    struct text_part second = numbered(2, 90, 3, "!"), fourth = numbered(4, 10, 5, "!"), early = numbered(5, 5, 7, ".");
    struct text_part fifth = numbered(6, 1, 6, "?");
    assert_int_equal(text_content(&t, &first), TEXT_REPLACED);
    assert_int_equal(text_content(&t, &third), TEXT_REPLACED);
    assert_int_equal(text_content(&t, &first), TEXT_SAME);
    assert_int_equal(text_delta(&t, &second), TEXT_SAME);
    assert_int_equal(text_delta(&t, &early), TEXT_SAME);
    assert_int_equal(text_delta(&t, &fourth), TEXT_APPENDED);
    assert_int_equal(text_delta(&t, &fifth), TEXT_APPENDED);
    is("three!?.");
    // Without a number the stamp decides.
    assert_int_equal(content(19, "older"), TEXT_SAME);
    assert_int_equal(content(21, "newer"), TEXT_REPLACED);
}

static void pieces_of_a_numbered_text_count_together(void **state)
{
    (void)state;
    struct text_part one = numbered(2, 10, 0, "abc"), two = numbered(2, 10, 0, "def"),
                     older = numbered(1, 30, 0, "xyz");
    one.raw = two.raw = older.raw = 6;
    one.pieces = two.pieces = older.pieces = 2;
    two.piece = older.piece = 1;
    assert_int_equal(text_content(&t, &one), TEXT_SAME);
    assert_int_equal(text_content(&t, &older), TEXT_SAME);
    assert_int_equal(text_content(&t, &two), TEXT_REPLACED);
    is("abcdef");
}

static enum text_change so_far(int64_t n, const char *text)
{
    struct text_part part = numbered(n, 10, 0, text);
    return text_so_far(&t, &part);
}

static void a_text_so_far_takes_the_place_of_a_shorter_one(void **state)
{
    (void)state;
    struct text_part early = numbered(8, 10, 9, "789"), again = numbered(7, 10, 0, "abcdef");
    assert_int_equal(text_delta(&t, &early), TEXT_SAME);
    assert_int_equal(so_far(7, "abcdefgh"), TEXT_REPLACED);
    assert_int_equal(so_far(7, "abcdef"), TEXT_SAME);
    assert_int_equal(text_content(&t, &again), TEXT_SAME);
    assert_int_equal(so_far(6, "of a content before"), TEXT_SAME);
    assert_int_equal(so_far(7, "abcdefgh6"), TEXT_REPLACED);
    is("abcdefgh6789");
    assert_int_equal(so_far(9, "new"), TEXT_REPLACED);
    is("new");
}

static void pieces_of_two_texts_so_far_are_not_mixed(void **state)
{
    (void)state;
    struct text_part one = numbered(2, 10, 0, "abc"),
                     longer[] = {numbered(2, 10, 0, "abcd"), numbered(2, 10, 0, "efgh")};
    one.raw = 6;
    one.pieces = longer[0].pieces = longer[1].pieces = 2;
    longer[0].raw = longer[1].raw = 8;
    longer[1].piece = 1;
    assert_int_equal(text_so_far(&t, &one), TEXT_SAME);
    assert_int_equal(text_so_far(&t, &longer[1]), TEXT_SAME);
    assert_int_equal(text_so_far(&t, &longer[0]), TEXT_REPLACED);
    is("abcdefgh");
}

static void pieces_count_together_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(piece(10, 1, 3, "cd", true), TEXT_SAME);
    assert_int_equal(piece(10, 1, 3, "cd", true), TEXT_SAME);
    assert_int_equal(piece(10, 0, 3, "ab", true), TEXT_SAME);
    assert_true(text_memory(&t) > 0);
    assert_int_equal(piece(10, 2, 3, "ef", true), TEXT_REPLACED);
    is("abcdef");
    // A newer set pushes an incomplete one out, an older one is not begun.
    assert_int_equal(piece(20, 0, 2, "lost", true), TEXT_SAME);
    assert_int_equal(piece(30, 0, 2, "ghi", true), TEXT_SAME);
    assert_int_equal(piece(20, 1, 2, "lost", true), TEXT_SAME);
    assert_int_equal(piece(30, 1, 2, "jkl", true), TEXT_REPLACED);
    is("ghijkl");
    assert_int_equal(piece(40, 0, TEXT_PIECES_MAX + 1, "", true), TEXT_SAME);
    assert_int_equal(piece(40, 2, 2, "", true), TEXT_SAME);
    assert_int_equal(piece(50, 0, 2, "left over", false), TEXT_SAME);
}

static void the_checkpoint_fills_in(void **state)
{
    (void)state;
    (void)delta(9, 2, "cd");
    text_restore(&t, STR("ab"), 2);
    is("abcd");
    text_restore(&t, STR("older"), 5);
    is("abcd");
    text_forget(&t);
    text_restore(&t, STR(""), 0);
    assert_int_equal(t.raw, 0);
}

static void overlaps_are_cut_at_code_points(void **state)
{
    (void)state;
    static const struct {
        const char *escaped;
        int64_t raw;
        long escaped_n;
    } cases[] = {
        {"abc", 0, 0},
        {"abc", 2, 2},
        {"abc", 4, -1},
        {"\\n\\\"x", 2, 4},
        {"\\u0001x", 1, 6},
        {"\\u00e9x", 2, 6},
        {"\\u20acx", 3, 6},
        {"\\ud83d\\ude00x", 4, 12},
        {"\\ud83dx", 4, -1},
        {"\\ud83d\\u0041", 4, -1},
        {"\\u12", 1, -1},
        {"\\u00G0", 1, -1},
        {"\\", 1, -1},
        {"\xc3\xa9x", 2, 2},
        {"\xc3\xa9x", 1, -1},
        {"\xe2\x82\xac", 3, 3},
        {"\xf0\x9f\x98\x80", 4, 4},
        {"\xf0\x9f", 4, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(text_skip(str_from(cases[i].escaped), cases[i].raw), cases[i].escaped_n);
    (void)content(1, "ab\xc3\xa9");
    // The overlap would end inside a character, so it is not the text that is meant.
    assert_int_equal(delta(2, 3, "\xc3\xa9z"), TEXT_SAME);
    is("ab\xc3\xa9");
}

static enum text_change piece_of(int64_t n, int64_t offset, unsigned i, unsigned pieces, int64_t raw, const char *text)
{
    struct text_part part = {
        .n = n, .stamp_ns = n, .offset = offset, .raw = raw, .piece = i, .pieces = pieces, .escaped = str_from(text)};
    return offset < 0 ? text_content(&t, &part) : text_delta(&t, &part);
}

static void pieces_of_several_messages_may_interleave(void **state)
{
    (void)state;
    assert_int_equal(piece_of(1, 0, 0, 2, 4, "ab"), TEXT_SAME);
    assert_int_equal(piece_of(2, 4, 1, 2, 4, "gh"), TEXT_SAME);
    assert_int_equal(piece_of(1, 0, 1, 2, 4, "cd"), TEXT_APPENDED);
    is("abcd");
    assert_int_equal(piece_of(2, 4, 0, 2, 4, "ef"), TEXT_APPENDED);
    is("abcdefgh");
    // The second message may also be whole before the first.
    assert_int_equal(piece_of(3, 8, 0, 2, 2, "i"), TEXT_SAME);
    assert_int_equal(piece_of(4, 10, 0, 2, 2, "k"), TEXT_SAME);
    assert_int_equal(piece_of(4, 10, 1, 2, 2, "l"), TEXT_SAME);
    assert_int_equal(piece_of(3, 8, 1, 2, 2, "j"), TEXT_APPENDED);
    is("abcdefghijkl");
}

static void a_content_makes_older_pieces_worthless(void **state)
{
    (void)state;
    assert_int_equal(piece_of(1, 0, 0, 2, 4, "ab"), TEXT_SAME);
    assert_int_equal(piece_of(3, -1, 0, 2, 4, "NE"), TEXT_SAME);
    assert_int_equal(piece_of(2, -1, 0, 2, 4, "ol"), TEXT_SAME);
    assert_int_equal(piece_of(3, -1, 1, 2, 4, "W!"), TEXT_REPLACED);
    assert_int_equal(piece_of(1, 0, 1, 2, 4, "cd"), TEXT_SAME);
    assert_int_equal(piece_of(2, -1, 1, 2, 4, "d!"), TEXT_SAME);
    is("NEW!");
    assert_int_equal(text_memory(&t), t.escaped.cap);
}

static void messages_that_are_never_whole_have_a_bound(void **state)
{
    (void)state;
    size_t after_some = 0;
    for (int64_t n = 1; n <= 100; n++) {
        assert_int_equal(piece_of(n, 0, 0, 2, 2, "x"), TEXT_SAME);
        if (n == 10)
            after_some = text_memory(&t);
    }
    assert_int_equal(text_memory(&t), after_some);
    // The newest are those that are kept.
    assert_int_equal(piece_of(1, 0, 1, 2, 2, "y"), TEXT_SAME);
    assert_int_equal(piece_of(100, 0, 1, 2, 2, "y"), TEXT_APPENDED);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_content_replaces_unless_it_is_older, begin, end),
        cmocka_unit_test_setup_teardown(a_delta_appends_what_is_new, begin, end),
        cmocka_unit_test_setup_teardown(a_delta_before_its_predecessor_waits, begin, end),
        cmocka_unit_test_setup_teardown(what_waited_too_long_is_dropped, begin, end),
        cmocka_unit_test_setup_teardown(an_early_delta_too_many_is_not_kept, begin, end),
        cmocka_unit_test_setup_teardown(the_writers_numbers_are_believed_over_stamps, begin, end),
        cmocka_unit_test_setup_teardown(pieces_of_a_numbered_text_count_together, begin, end),
        cmocka_unit_test_setup_teardown(a_text_so_far_takes_the_place_of_a_shorter_one, begin, end),
        cmocka_unit_test_setup_teardown(pieces_of_two_texts_so_far_are_not_mixed, begin, end),
        cmocka_unit_test_setup_teardown(pieces_count_together_or_not_at_all, begin, end),
        cmocka_unit_test_setup_teardown(pieces_of_several_messages_may_interleave, begin, end),
        cmocka_unit_test_setup_teardown(a_content_makes_older_pieces_worthless, begin, end),
        cmocka_unit_test_setup_teardown(messages_that_are_never_whole_have_a_bound, begin, end),
        cmocka_unit_test_setup_teardown(the_checkpoint_fills_in, begin, end),
        cmocka_unit_test_setup_teardown(overlaps_are_cut_at_code_points, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
