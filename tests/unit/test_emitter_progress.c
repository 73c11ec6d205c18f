// SPDX-License-Identifier: Apache-2.0
// Live text: merging, pacing, offsets, checkpoints, against a reader that follows the rules of the API.
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_progress.h"

static const struct emit_pace pace = {.progress_ms = 50, .checkpoint_ms = 1000, .progress_bytes = 64};

// Takes the next send, as JSON.
static json_t *take(struct emit_progress *p, int64_t now)
{
    struct emit_buf body = {0};
    struct emit_excerpt excerpt = {0};
    emit_progress_take(p, &pace, now, &excerpt);
    emit_progress_print(&excerpt, &body);
    emit_buf_fini(&excerpt.text);
    json_t *value = json_loads(body.p, 0, NULL);
    emit_buf_fini(&body);
    assert_non_null(value);
    return value;
}

static void expect_content(struct emit_progress *p, int64_t now, const char *text, bool checkpoint)
{
    json_t *body = take(p, now);
    assert_string_equal(json_string_value(json_object_get(body, "content")), text);
    assert_int_equal(json_is_true(json_object_get(body, "checkpoint")), checkpoint);
    assert_int_equal(json_integer_value(json_object_get(body, "n")), p->n);
    assert_null(json_object_get(body, "delta"));
    json_decref(body);
}

static void expect_delta(struct emit_progress *p, int64_t now, const char *text, int offset)
{
    json_t *body = take(p, now);
    assert_string_equal(json_string_value(json_object_get(body, "delta")), text);
    assert_int_equal(json_integer_value(json_object_get(body, "offset")), offset);
    assert_int_equal(json_integer_value(json_object_get(body, "n")), p->n);
    assert_int_equal(json_object_size(body), 3);
    json_decref(body);
}

static void first_at_once_then_paced(void **state)
{
    (void)state;
    struct emit_progress p = {0};
    assert_true(emit_progress_due(&p, &pace, true) == INT64_MAX);
    assert_false(emit_progress_append(&p, "", 0, 100));
    assert_true(emit_progress_due(&p, &pace, true) == INT64_MAX);
    assert_true(emit_progress_append(&p, "one", 3, 100));
    assert_int_equal(emit_progress_due(&p, &pace, false), 0);
    expect_content(&p, 100, "one", false);
    emit_progress_sent(&p, true);
    assert_int_equal(emit_progress_due(&p, &pace, false), 350); // the checkpoint
    emit_progress_append(&p, " two", 4, 110);
    assert_int_equal(emit_progress_due(&p, &pace, false), 150);
    assert_int_equal(emit_progress_due(&p, &pace, true), 0);
    emit_progress_append(&p, " three", 6, 120);
    expect_delta(&p, 150, " two three", 3);
    emit_progress_sent(&p, true);
    emit_progress_fini(&p);
}

static void much_text_does_not_wait(void **state)
{
    (void)state;
    char text[65];
    struct emit_progress p = {0};
    memset(text, 'x', sizeof text);
    emit_progress_append(&p, "a", 1, 0);
    expect_content(&p, 0, "a", false);
    emit_progress_sent(&p, true);
    emit_progress_append(&p, text, 63, 1);
    assert_int_equal(emit_progress_due(&p, &pace, false), 50);
    emit_progress_append(&p, text, 1, 1);
    assert_int_equal(emit_progress_due(&p, &pace, false), 0);
    emit_progress_fini(&p);
}

static void a_lost_send_leaves_no_hole(void **state)
{
    (void)state;
    struct emit_progress p = {0};
    emit_progress_append(&p, "abc", 3, 0);
    expect_content(&p, 0, "abc", false);
    emit_progress_sent(&p, false);
    emit_progress_append(&p, "d", 1, 10);
    expect_content(&p, 60, "abcd", false);
    emit_progress_sent(&p, true);
    emit_progress_append(&p, "e", 1, 70);
    expect_delta(&p, 110, "e", 4);
    emit_progress_append(&p, "f", 1, 115); // while it is under way
    emit_progress_sent(&p, false);
    expect_delta(&p, 160, "ef", 4);
    emit_progress_sent(&p, true);
    emit_progress_fini(&p);
}

static void a_checkpoint_is_whole(void **state)
{
    (void)state;
    struct emit_progress p = {0};
    emit_progress_append(&p, "abc", 3, 0);
    expect_content(&p, 0, "abc", false);
    emit_progress_sent(&p, true);
    assert_int_equal(emit_progress_due(&p, &pace, false), 250); // the first one is early
    expect_content(&p, 250, "abc", true);
    emit_progress_sent(&p, true);
    assert_true(emit_progress_due(&p, &pace, false) == INT64_MAX);
    emit_progress_append(&p, "d", 1, 500);
    expect_delta(&p, 500, "d", 3);
    emit_progress_sent(&p, true);
    assert_int_equal(emit_progress_due(&p, &pace, false), 1250);
    expect_content(&p, 1250, "abcd", true);
    emit_progress_sent(&p, false); // not stored: again a second later
    assert_int_equal(emit_progress_due(&p, &pace, false), 2250);
    expect_content(&p, 2250, "abcd", true);
    emit_progress_sent(&p, true);
    assert_true(emit_progress_due(&p, &pace, false) == INT64_MAX);
    emit_progress_fini(&p);
}

static void much_first_text_is_stored_at_once(void **state)
{
    (void)state;
    char text[1025];
    struct emit_progress p = {0};
    memset(text, 'x', sizeof text - 1);
    text[1024] = '\0';
    emit_progress_append(&p, text, 1023, 0);
    expect_content(&p, 0, text + 1, false);
    emit_progress_sent(&p, true);
    emit_progress_append(&p, text, 1, 10);
    expect_content(&p, 60, text, true);
    emit_progress_sent(&p, false); // then as ever, a second later
    emit_progress_append(&p, text, 1, 70);
    expect_delta(&p, 110, "xx", 1023);
    emit_progress_sent(&p, true);
    assert_int_equal(emit_progress_due(&p, &pace, false), 1060);
    emit_progress_fini(&p);
}

static void whole_texts_become_deltas(void **state)
{
    (void)state;
    struct emit_progress p = {0};
    assert_true(emit_progress_replace(&p, "abc", 3, 0));
    assert_false(emit_progress_replace(&p, "abc", 3, 0));
    expect_content(&p, 0, "abc", false);
    emit_progress_sent(&p, true);
    emit_progress_replace(&p, "abcdef", 6, 10);
    expect_delta(&p, 60, "def", 3);
    emit_progress_sent(&p, true);
    emit_progress_replace(&p, "abX", 3, 70); // not a continuation
    expect_content(&p, 120, "abX", false);
    emit_progress_replace(&p, "abXY", 4, 125); // while it is under way
    emit_progress_sent(&p, true);
    expect_delta(&p, 170, "Y", 3);
    emit_progress_replace(&p, "", 0, 175); // replaced while a delta is under way
    emit_progress_sent(&p, true);
    expect_content(&p, 220, "", false);
    emit_progress_sent(&p, true);
    emit_progress_fini(&p);
}

static void split_code_points_wait_for_their_rest(void **state)
{
    (void)state;
    struct emit_progress p = {0};
    assert_true(emit_progress_append(&p, "a\xE2", 2, 0));
    assert_false(emit_progress_append(&p, "\x82", 1, 0));
    expect_content(&p, 0, "a", false);
    emit_progress_sent(&p, true);
    assert_true(emit_progress_append(&p, "\xAC!", 2, 0));
    expect_delta(&p, 50, "\xE2\x82\xAC!", 1);
    emit_progress_sent(&p, true);
    emit_progress_append(&p, "\xE2", 1, 60);
    emit_progress_append(&p, "x", 1, 60); // the rest never came
    expect_delta(&p, 110, "\xEF\xBF\xBDx", 5);
    emit_progress_fini(&p);
}

// Any order of appends, replacements, losses and sends leaves a reader with the text.
static void a_reader_always_gets_the_text(void **state)
{
    (void)state;
    static const char mixed[] = "\xC3\xA9x\xF0\x9F\xA7\xB5";
    for (unsigned seed = 1; seed <= 300; seed++) {
        struct emit_progress p = {0};
        struct emit_buf seen = {0};
        int64_t now = 0;
        unsigned r = seed * 2654435761u;
        for (int i = 0; i < 60 || emit_progress_due(&p, &pace, true) == 0; i++, now += 7) {
            r = r * 1103515245u + 12345u;
            unsigned what = r >> 16 & 15;
            if (i < 60 && what < 8)
                emit_progress_append(&p, &mixed[what & 1], 1 + (what & 3), now);
            else if (i < 60 && what == 8)
                emit_progress_replace(&p, "new text", 8, now);
            if (emit_progress_due(&p, &pace, i >= 60) > now)
                continue;
            json_t *body = take(&p, now);
            bool arrived = i >= 60 || (r >> 20 & 3) != 0, confirmed = arrived && (i >= 60 || (r >> 22 & 3) != 0);
            const char *content = json_string_value(json_object_get(body, "content"));
            const char *delta = json_string_value(json_object_get(body, "delta"));
            size_t offset = (size_t)json_integer_value(json_object_get(body, "offset"));
            if (arrived && content) {
                emit_buf_cut(&seen, 0);
                emit_buf_text(&seen, content);
            } else if (arrived) {
                assert_true(offset <= seen.n);
                if (offset + strlen(delta) > seen.n)
                    emit_buf_text(&seen, delta + (seen.n - offset));
            }
            json_decref(body);
            emit_progress_sent(&p, confirmed);
        }
        if (p.text.n) {
            assert_int_equal(seen.n, p.text.n);
            assert_memory_equal(seen.p, p.text.p, seen.n);
        }
        emit_buf_fini(&seen);
        emit_progress_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_at_once_then_paced),
        cmocka_unit_test(much_text_does_not_wait),
        cmocka_unit_test(a_lost_send_leaves_no_hole),
        cmocka_unit_test(a_checkpoint_is_whole),
        cmocka_unit_test(much_first_text_is_stored_at_once),
        cmocka_unit_test(whole_texts_become_deltas),
        cmocka_unit_test(split_code_points_wait_for_their_rest),
        cmocka_unit_test(a_reader_always_gets_the_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
