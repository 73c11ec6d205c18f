// SPDX-License-Identifier: Apache-2.0
// How steps are printed: by form, by state, and where long content is cut.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include "base/jw.h"
#include "store/step_json.h"

static struct step_row open_step(void)
{
    return (struct step_row){
        .id = STR("stp_1"),
        .session_id = STR("ses_1"),
        .number = 3,
        .type = STR("thinking"),
        .start_seq = 7,
        .seq = 7,
        .started_us = INT64_C(1767225600000000),
    };
}

static void complete(struct step_row *step)
{
    step->end_seq = step->seq = 9;
    step->completed_us = step->started_us + 1499600;
}

static void assert_printed(struct buf *out, const char *expected)
{
    assert_string_equal(buf_cstr(out), expected);
    buf_clear(out);
}

static void prints_what_there_is(void **state)
{
    (void)state;
    struct step_row step = open_step();
    struct buf out = {0};
    step_json(&out, &step, false, STEP_BRIEF);
    assert_printed(&out,
                   "{\"id\":\"stp_1\",\"sessionId\":\"ses_1\",\"stepNumber\":3,\"stepType\":\"thinking\","
                   "\"status\":\"running\",\"startedAt\":\"2026-01-01T00:00:00.000Z\",\"startedUs\":1767225600000000,"
                   "\"seq\":7}");
    step.name = STR("N\"");
    step.parent_id = STR("stp_0");
    step.sources = STR("[{}]");
    step.message_id = STR("msg_1");
    step.usage = STR("{\"model\":\"m\"}");
    step.error = STR("{\"message\":\"e\"}");
    step.failed = true;
    step.received_us = step.started_us + 2000000;
    step.times_adjusted = true;
    step.more_whole = STR(",\"input\":1");
    step.more_brief = STR(",\"inputLength\":1");
    complete(&step);
    step_json(&out, &step, false, STEP_WHOLE);
    assert_printed(&out, "{\"id\":\"stp_1\",\"sessionId\":\"ses_1\",\"stepNumber\":3,\"stepType\":\"thinking\","
                         "\"name\":\"N\\\"\",\"parentStepId\":\"stp_0\",\"status\":\"failed\",\"sources\":[{}],"
                         "\"messageId\":\"msg_1\",\"usage\":{\"model\":\"m\"},\"error\":{\"message\":\"e\"},"
                         "\"startedAt\":\"2026-01-01T00:00:00.000Z\",\"startedUs\":1767225600000000,"
                         "\"receivedAt\":\"2026-01-01T00:00:02.000Z\",\"timesAdjusted\":true,"
                         "\"completedAt\":\"2026-01-01T00:00:01.499Z\",\"durationMs\":1500,\"input\":1,\"seq\":9}");
    step_json_event(&out, &step, 9);
    assert_non_null(strstr(buf_cstr(&out), "\"durationMs\":1500,\"inputLength\":1,\"seq\":9}"));
    buf_fini(&out);
}

static void only_an_open_step_is_interrupted(void **state)
{
    (void)state;
    struct step_row step = open_step();
    struct buf out = {0};
    step_json(&out, &step, true, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"status\":\"interrupted\""));
    buf_clear(&out);
    complete(&step);
    step_json(&out, &step, true, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"status\":\"completed\""));
    buf_fini(&out);
}

static void a_started_step_is_as_it_was(void **state)
{
    (void)state;
    struct step_row step = open_step();
    struct buf out = {0};
    step.start_content = STR("\"then\"");
    step.start_length = 4;
    step_json(&out, &step, false, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"content\":\"then\""));
    buf_clear(&out);
    step.content = STR("\"now\"");
    step.content_length = 3;
    step.sources = STR("[]");
    complete(&step);
    step_json_started(&out, &step);
    assert_printed(&out, "{\"id\":\"stp_1\",\"sessionId\":\"ses_1\",\"stepNumber\":3,\"stepType\":\"thinking\","
                         "\"status\":\"running\",\"content\":\"then\",\"startedAt\":\"2026-01-01T00:00:00.000Z\","
                         "\"startedUs\":1767225600000000,\"seq\":7}");
    step_json(&out, &step, false, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"content\":\"now\""));
    buf_fini(&out);
}

static void events_are_told_apart_by_their_number(void **state)
{
    (void)state;
    struct step_row step = open_step();
    struct buf out = {0};
    complete(&step);
    assert_int_equal(step_json_event_kind(&step, 7), EVENT_STEP_STARTED);
    assert_int_equal(step_json_event_kind(&step, 9), EVENT_STEP_COMPLETED);
    assert_int_equal(step_json_event_kind(&step, 11), EVENT_STEP_UPDATED);
    step_json_event(&out, &step, 11);
    assert_non_null(strstr(buf_cstr(&out), "\"seq\":11,"));
    assert_non_null(strstr(buf_cstr(&out), "\"status\":\"completed\""));
    buf_clear(&out);
    step_json_event(&out, &step, 7);
    assert_non_null(strstr(buf_cstr(&out), "{\"room\":\"session:ses_1\",\"seq\":7,\"sessionId\":\"ses_1\",\"step\":{"));
    assert_non_null(strstr(buf_cstr(&out), "\"status\":\"running\""));
    buf_clear(&out);
    step_json_event(&out, &step, 9);
    assert_non_null(strstr(buf_cstr(&out), "\"status\":\"completed\""));
    step.start_seq = 9;
    assert_int_equal(step_json_event_kind(&step, 9), EVENT_STEP_COMPLETED);
    buf_fini(&out);
}

// Prints a step whose content is `n` times `unit` and says how long the printed text is.
static void shown(struct buf *out, const char *unit, size_t n, const char *tail)
{
    struct buf text = {0}, json = {0};
    for (size_t i = 0; i < n; i++)
        buf_str(&text, str_from(unit));
    buf_str(&text, str_from(tail));
    jw_string(&json, buf_view(&text));
    struct step_row step = open_step();
    step.content = buf_view(&json);
    step.content_length = (int64_t)text.n;
    buf_clear(out);
    step_json(out, &step, false, STEP_BRIEF);
    buf_fini(&text);
    buf_fini(&json);
}

static size_t printed_bytes(struct buf *out)
{
    const char *at = strstr(buf_cstr(out), "\"content\":\"") + 11, *end = strstr(at, "\",\"");
    assert_non_null(end);
    return (size_t)(end - at);
}

static void a_long_text_is_cut_at_a_code_point(void **state)
{
    (void)state;
    struct buf out = {0};
    shown(&out, "a", 16384, "");
    assert_int_equal(printed_bytes(&out), 16384);
    assert_null(strstr(buf_cstr(&out), "truncated"));
    shown(&out, "a", 16385, "");
    assert_int_equal(printed_bytes(&out), 16384);
    assert_non_null(strstr(buf_cstr(&out), "\"contentLength\":16385,\"truncated\":true"));
    shown(&out, "a", 16383, "\xC3\xA9");
    assert_int_equal(printed_bytes(&out), 16383);
    shown(&out, "a", 16382, "\xE2\x82\xAC!");
    assert_int_equal(printed_bytes(&out), 16382);
    shown(&out, "\xF0\x9F\x98\x80", 4096, "x");
    assert_int_equal(printed_bytes(&out), 16384);
    // An escape stands for one byte, however long it is printed.
    shown(&out, "\x01", 20000, "");
    assert_int_equal(printed_bytes(&out), 6 * 16384);
    shown(&out, "\n", 20000, "");
    assert_int_equal(printed_bytes(&out), 2 * 16384);
    buf_fini(&out);
}

static void what_was_fetched_in_part_is_cut_likewise(void **state)
{
    (void)state;
    struct buf out = {0}, json = {0};
    struct step_row step = open_step();
    buf_char(&json, '"');
    for (int i = 0; i < 98305; i++)
        buf_char(&json, 'b');
    step.content = buf_view(&json);
    step.content_length = 500000;
    step_json(&out, &step, false, STEP_BRIEF);
    assert_int_equal(printed_bytes(&out), 16384);
    assert_non_null(strstr(buf_cstr(&out), "\"contentLength\":500000"));
    // Never more than there is, even when the last escape was cut in two.
    buf_clear(&out);
    step.content = STR("\"ab\\u00");
    step_json(&out, &step, false, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"content\":\"ab\","));
    buf_fini(&out);
    buf_fini(&json);
}

static void a_long_object_becomes_text(void **state)
{
    (void)state;
    struct buf out = {0}, json = {0};
    struct step_row step = open_step();
    buf_lit(&json, "{\"a\":\"");
    while (json.n < 20000)
        buf_char(&json, 'c');
    buf_lit(&json, "\"}");
    step.content = buf_view(&json);
    step.content_length = (int64_t)json.n;
    step_json(&out, &step, false, STEP_BRIEF);
    assert_non_null(strstr(buf_cstr(&out), "\"content\":\"{\\\"a\\\":\\\"ccc"));
    assert_int_equal(printed_bytes(&out), 16384 + 3);
    buf_clear(&out);
    step_json(&out, &step, false, STEP_WHOLE);
    assert_non_null(strstr(buf_cstr(&out), "\"content\":{\"a\":\"ccc"));
    assert_null(strstr(buf_cstr(&out), "truncated"));
    buf_fini(&out);
    buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_what_there_is),
        cmocka_unit_test(only_an_open_step_is_interrupted),
        cmocka_unit_test(a_started_step_is_as_it_was),
        cmocka_unit_test(events_are_told_apart_by_their_number),
        cmocka_unit_test(a_long_text_is_cut_at_a_code_point),
        cmocka_unit_test(what_was_fetched_in_part_is_cut_likewise),
        cmocka_unit_test(a_long_object_becomes_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
