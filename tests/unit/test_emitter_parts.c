// SPDX-License-Identifier: Apache-2.0
// The parts that need no transport: text, ids, JSON, what answers mean, waiting times.
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_answer.h"
#include "emitter/emit_body.h"
#include "emitter/emit_id.h"
#include "emitter/emit_json.h"
#include "emitter/emit_retry.h"
#include "emitter/emit_sources.h"
#include "emitter/emit_utf8.h"

#define FFFD "\xEF\xBF\xBD"

static void cleans_as_the_unicode_standard_says(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA7\xB5", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA7\xB5"},
        {"\xC0\xAF", FFFD FFFD},                              // overlong
        {"\xE0\x80\xAF", FFFD FFFD FFFD},                     // overlong
        {"\xED\xA0\x80", FFFD FFFD FFFD},                     // a surrogate
        {"\xF4\x91\x92\x93", FFFD FFFD FFFD FFFD},            // above U+10FFFF
        {"\xF1\x80\x80\xE1\x80\xC2\x62", FFFD FFFD FFFD "b"}, // table 3-8: maximal parts
        {"\x80", FFFD},
        {"a\xFF"
         "b",
         "a" FFFD "b"},
        {"\xE2\x82", FFFD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct emit_buf out = {0};
        size_t n = strlen(rows[i].in);
        assert_int_equal(emit_utf8_clean(&out, rows[i].in, n, true), n);
        assert_string_equal(out.p, rows[i].out);
        emit_buf_fini(&out);
    }
    struct emit_buf out = {0};
    emit_utf8_clean(&out, "a\0b", 3, true);
    assert_string_equal(out.p, "a" FFFD "b");
    emit_buf_fini(&out);
}

static void leaves_a_split_code_point(void **state)
{
    (void)state;
    const char *text = "x\xF0\x9F\xA7\xB5y";
    for (size_t cut = 0; cut <= 6; cut++) {
        struct emit_buf out = {0};
        size_t used = emit_utf8_clean(&out, text, cut, false);
        assert_int_equal(used, cut >= 2 && cut < 5 ? 1 : cut);
        emit_utf8_clean(&out, text + used, 6 - used, true);
        assert_string_equal(out.p, text);
        emit_buf_fini(&out);
    }
}

static void cuts_at_code_points(void **state)
{
    (void)state;
    assert_int_equal(trace_text_fit("abc", 3, 5), 3);
    assert_int_equal(trace_text_fit("abc", 3, 2), 2);
    assert_int_equal(trace_text_fit("a\xE2\x82\xAC", 4, 3), 1);
    assert_int_equal(trace_text_fit("a\xE2\x82\xAC", 4, 2), 1);
    assert_int_equal(trace_text_fit("\xE2\x82\xAC", 3, 0), 0);
    assert_int_equal(trace_text_fit("\x80\x80\x80\x80\x80\x80", 6, 5), 5);
}

static void escapes_json(void **state)
{
    (void)state;
    char all[32];
    struct emit_buf out = {0};
    for (int i = 0; i < 31; i++)
        all[i] = (char)(i + 1);
    all[31] = '\0';
    emit_json_open(&out);
    emit_json_text(&out, "a", all);
    emit_json_text(&out, "b", "\"\\/\xE2\x82\xAC\x7F");
    emit_json_text(&out, "absent", NULL);
    emit_json_number(&out, "n", INT64_MIN);
    emit_json_close(&out);
    json_t *read = json_loads(out.p, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(read, "a")), all);
    assert_string_equal(json_string_value(json_object_get(read, "b")), "\"\\/\xE2\x82\xAC\x7F");
    assert_true(json_integer_value(json_object_get(read, "n")) == INT64_MIN);
    assert_int_equal(json_object_size(read), 3);
    json_decref(read);
    emit_buf_fini(&out);
}

static void ids_are_ulids(void **state)
{
    (void)state;
    char a[TRACE_ID_SIZE], b[TRACE_ID_SIZE];
    trace_id_new(a, "stp_");
    trace_id_new(b, "stp_");
    assert_true(emit_id_is(a, "stp_"));
    assert_string_not_equal(a, b);
    assert_memory_equal(a, b, 4 + 8);
    assert_false(emit_id_is(a, "ses_"));
    assert_false(emit_id_is(NULL, "ses_"));
    assert_false(emit_id_is("ses_", "ses_"));
    assert_true(emit_id_is("ses_01ARZ3NDEKTSV4RRFFQ69G5FAV", "ses_"));
    assert_false(emit_id_is("ses_01ARZ3NDEKTSV4RRFFQ69G5FA/", "ses_"));
    assert_false(emit_id_is("ses_81ARZ3NDEKTSV4RRFFQ69G5FAV", "ses_"));
    assert_false(emit_id_is("ses_01ARZ3NDEKTSV4RRFFQ69G5FAU", "ses_"));
    assert_false(emit_id_is("ses_01ARZ3NDEKTSV4RRFFQ69G5FAVX", "ses_"));
}

static void judges_every_status(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum emit_verdict verdict;
    } rows[] = {{0, EMIT_AWAY},      {200, EMIT_DONE},    {201, EMIT_DONE},    {202, EMIT_DONE},
                {204, EMIT_DONE},    {301, EMIT_REFUSED}, {400, EMIT_REFUSED}, {401, EMIT_REFUSED},
                {404, EMIT_REFUSED}, {408, EMIT_AWAY},    {409, EMIT_REFUSED}, {413, EMIT_REFUSED},
                {429, EMIT_AWAY},    {500, EMIT_BROKEN},  {501, EMIT_BROKEN},  {502, EMIT_AWAY},
                {503, EMIT_AWAY},    {504, EMIT_AWAY},    {507, EMIT_BROKEN},  {600, EMIT_REFUSED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(emit_retry_judge(rows[i].status), rows[i].verdict);
}

static void delays_grow_within_bounds(void **state)
{
    (void)state;
    assert_int_equal(emit_retry_delay(100, 1, -1, 0), 50);
    assert_int_equal(emit_retry_delay(100, 1, -1, UINT32_MAX), 99);
    assert_int_equal(emit_retry_delay(100, 2, -1, 0), 100);
    assert_int_equal(emit_retry_delay(100, 1000000, -1, 0), 5000);
    assert_int_equal(emit_retry_delay(100, 1000000, -1, UINT32_MAX), 9999);
    assert_true(emit_retry_delay(100, 1, 2000, 0) >= 2000);
    assert_true(emit_retry_delay(100, 1, 2000, UINT32_MAX) < 2100);
    assert_true(emit_retry_delay(100, 1, INT64_MAX, 0) < 31000);
}

static json_t *read(struct emit_buf *b)
{
    json_t *value = json_loads(b->p, 0, NULL);
    assert_non_null(value);
    emit_buf_fini(b);
    return value;
}

static const char id[] = "stp_01ARZ3NDEKTSV4RRFFQ69G5FAV";

static void bodies_say_what_was_given(void **state)
{
    (void)state;
    struct emit_buf b = {0};
    struct emit_closing closing = {0};
    struct trace_source sources[] = {{.type = "web", .title = "A", .url = "https://a.example/"},
                                     {.type = "web", .title = "B", .url = "javascript:alert(1)"},
                                     {.type = "rumour", .title = "C"},
                                     {.type = "document", .title = ""}};
    struct trace_usage usage = {.model = "m", .output_tokens = 5, .cost_usd = 0.0125};
    struct trace_outcome outcome = {.content_json = "{\"tool\":\"t\"}",
                                    .sources = sources,
                                    .source_count = 4,
                                    .usage = &usage,
                                    .message_id = "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                                    .error_message = "no"};
    assert_int_equal(emit_body_complete(&b, &outcome, &closing), 0);
    assert_int_equal(closing.sources_dropped, 3);
    json_t *body = read(&b);
    assert_string_equal(json_string_value(json_object_get(json_object_get(body, "content"), "tool")), "t");
    assert_int_equal(json_array_size(json_object_get(body, "sources")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "usage"), "outputTokens")), 5);
    assert_null(json_object_get(json_object_get(body, "usage"), "inputTokens"));
    assert_float_equal(json_real_value(json_object_get(json_object_get(body, "usage"), "costUsd")), 0.0125, 1e-9);
    assert_string_equal(json_string_value(json_object_get(body, "messageId")), outcome.message_id);
    assert_string_equal(json_string_value(json_object_get(json_object_get(body, "error"), "code")), "failed");
    json_decref(body);

    assert_int_equal(emit_body_complete(&b, &(struct trace_outcome){0}, &closing), 0);
    emit_body_refer(&b, "messageId", "msg_1");
    assert_string_equal(b.p, "{\"messageId\":\"msg_1\"}");
    emit_body_refer(&b, "again", "msg_2");
    assert_string_equal(b.p, "{\"messageId\":\"msg_1\",\"again\":\"msg_2\"}");
    emit_buf_fini(&b);
}

static void times_are_the_callers(void **state)
{
    (void)state;
    struct emit_buf b = {0};
    struct emit_closing closing = {0};
    struct trace_step_spec spec = {.type = "x", .started_at_ms = INT64_C(1767225599007)};
    struct trace_outcome outcome = {.completed_at_ms = INT64_C(1767225604007)};
    assert_int_equal(emit_body_record(&b, &spec, id, NULL, &outcome, &closing), 0);
    json_t *body = read(&b);
    assert_string_equal(json_string_value(json_object_get(body, "startedAt")), "2025-12-31T23:59:59.007Z");
    assert_string_equal(json_string_value(json_object_get(body, "completedAt")), "2026-01-01T00:00:04.007Z");
    json_decref(body);
    // Times that no year has are left out.
    spec.started_at_ms = INT64_MAX;
    assert_int_equal(emit_body_start(&b, &spec, id, NULL), 0);
    body = read(&b);
    assert_null(json_object_get(body, "startedAt"));
    json_decref(body);
}

static void texts_for_people_are_cut(void **state)
{
    (void)state;
    char *huge = malloc(5001);
    memset(huge, 'e', 5000);
    huge[5000] = '\0';
    struct emit_buf b = {0};
    struct emit_closing closing = {0};
    struct trace_outcome outcome = {.error_code = huge, .error_message = huge};
    assert_int_equal(emit_body_complete(&b, &outcome, &closing), 0);
    json_t *body = read(&b), *error = json_object_get(body, "error");
    assert_int_equal(json_string_length(json_object_get(error, "code")), 64);
    assert_int_equal(json_string_length(json_object_get(error, "message")), 4000);
    json_decref(body);
    assert_int_equal(emit_body_fail(&b, "", huge), -1);
    emit_buf_fini(&b);
    free(huge);
}

static void sources_are_mended(void **state)
{
    (void)state;
    static const struct {
        const char *url, *mended;
    } rows[] = {{"https://a.example/x?y=1#z", "https://a.example/x?y=1#z"},
                {"HTTP://a.example", "HTTP://a.example"},
                {"https://a.example/a b|c\"<>\\^`{}\n", "https://a.example/a%20b%7Cc%22%3C%3E%5C%5E%60%7B%7D%0A"},
                {"https://a.example/caf\xC3\xA9", "https://a.example/caf\xC3\xA9"},
                {"https://", NULL},
                {"https:///x", NULL},
                {"//a.example", NULL},
                {"ftp://a.example", NULL}};
    char *huge = malloc(5001);
    memset(huge, 'e', 5000);
    huge[5000] = '\0';
    memcpy(huge + 3999, "\xC3\xA9", 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct emit_buf b = {0};
        size_t dropped = 0;
        struct trace_source source = {
            .type = "web", .title = huge, .url = rows[i].url, .snippet = huge, .timestamp = "yesterday"};
        emit_json_open(&b);
        emit_sources_add(&b, &source, 1, &dropped);
        emit_json_close(&b);
        json_t *body = read(&b), *first = json_array_get(json_object_get(body, "sources"), 0);
        assert_int_equal(dropped, rows[i].mended ? 0 : 1);
        if (rows[i].mended) {
            assert_string_equal(json_string_value(json_object_get(first, "url")), rows[i].mended);
            assert_int_equal(json_string_length(json_object_get(first, "title")), 1000);
            assert_int_equal(json_string_length(json_object_get(first, "snippet")), 3999);
            assert_null(json_object_get(first, "timestamp"));
        }
        json_decref(body);
    }
    free(huge);
}

static void costs_are_exact_to_a_millionth(void **state)
{
    (void)state;
    static const double costs[] = {0.000001, 0.0125, 0.9999999, 1, 12.5, 123456.789012};
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        struct emit_buf b = {0};
        struct emit_closing closing = {0};
        struct trace_usage usage = {.cost_usd = costs[i]};
        assert_int_equal(emit_body_complete(&b, &(struct trace_outcome){.usage = &usage}, &closing), 0);
        json_t *body = read(&b);
        assert_true(json_number_value(json_object_get(json_object_get(body, "usage"), "costUsd")) - costs[i] < 1e-6);
        assert_true(json_number_value(json_object_get(json_object_get(body, "usage"), "costUsd")) - costs[i] > -1e-6);
        json_decref(body);
    }
}

static void wrong_arguments_are_seen(void **state)
{
    (void)state;
    char long_type[80];
    char *long_text = malloc(TRACE_CONTENT_MAX + 2);
    memset(long_type, 'a', sizeof long_type);
    long_type[65] = '\0';
    memset(long_text, 'a', TRACE_CONTENT_MAX + 1);
    long_text[TRACE_CONTENT_MAX + 1] = '\0';
    const struct trace_step_spec starts[] = {{0},
                                             {.type = ""},
                                             {.type = "Thinking"},
                                             {.type = "9lives"},
                                             {.type = long_type},
                                             {.type = "x", .text = "a", .content_json = "\"b\""},
                                             {.type = "x", .content_json = "{"},
                                             {.type = "x", .content_json = "[1]"},
                                             {.type = "x", .content_json = "12"},
                                             {.type = "x", .content_json = "{\"a\":\"\\u0000\"}"},
                                             {.type = "x", .text = long_text}};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct emit_buf b = {0};
        assert_int_equal(emit_body_start(&b, &starts[i], id, NULL), -1);
        emit_buf_fini(&b);
    }
    long_text[TRACE_CONTENT_MAX] = '\0';
    struct emit_buf b = {0};
    struct emit_closing closing = {0};
    assert_int_equal(emit_body_start(&b, &(struct trace_step_spec){.type = "x", .text = long_text}, id, NULL), 0);
    emit_buf_fini(&b);
    struct trace_usage usage = {.input_tokens = -1};
    assert_int_equal(emit_body_complete(&b, &(struct trace_outcome){.usage = &usage}, &closing), -1);
    emit_buf_fini(&b);
    const struct trace_session_spec sessions[] = {{.metadata_json = "\"text\""}, {.stream_id = "nonsense"}};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(emit_body_create(&b, &sessions[i], "ses_01ARZ3NDEKTSV4RRFFQ69G5FAV"), -1);
        emit_buf_fini(&b);
    }
    free(long_text);
}

static struct trace_reply reply_of(const char *body)
{
    return (struct trace_reply){.status = 409, .body = body, .body_length = body ? strlen(body) : 0};
}

static void answers_of_any_shape_are_read(void **state)
{
    (void)state;
    struct trace_error error;
    char text[TRACE_ID_SIZE];
    struct trace_reply reply = reply_of("{\"code\":\"session_ended\",\"sessionStatus\":\"failed\",\"detail\":\"d\"}");
    emit_answer_problem(&reply, &error);
    assert_string_equal(error.code, "session_ended");
    assert_string_equal(error.detail, "failed");
    static const char *const odd[] = {NULL,  "", "<html>", "[]", "{\"code\":7,\"session\":[],\"message\":\"x\"}",
                                      "null"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        reply = reply_of(odd[i]);
        emit_answer_problem(&reply, &error);
        assert_int_equal(error.status, 409);
        assert_string_equal(error.code, "");
        assert_null(emit_answer_session(&reply, text));
        assert_string_equal(text, "");
        emit_answer_message(&reply, text);
        assert_string_equal(text, "");
    }
}

static void whole_numbers_of_any_size_pass(void **state)
{
    (void)state;
    static const char large[] = "{\"a\":[-98765432109876543210,5]}";
    static const char answer[] = "{\"x\":\"session\",\"session\":{\"streamId\":\"str_1\",\"metadata\":{\"id\":"
                                 "12345678901234567890}},\"y\":{\"session\":1}}";
    struct trace_reply reply = reply_of(answer);
    struct emit_buf b = {0};
    char stream[TRACE_ID_SIZE], *session = emit_answer_session(&reply, stream);
    assert_string_equal(session, "{\"streamId\":\"str_1\",\"metadata\":{\"id\":12345678901234567890}}");
    assert_string_equal(stream, "str_1");
    assert_int_equal(emit_body_start(&b, &(struct trace_step_spec){.type = "x", .content_json = large}, id, NULL), 0);
    assert_non_null(strstr(b.p, large));
    emit_buf_fini(&b);
    free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_of_any_size_pass),
        cmocka_unit_test(cleans_as_the_unicode_standard_says),
        cmocka_unit_test(leaves_a_split_code_point),
        cmocka_unit_test(cuts_at_code_points),
        cmocka_unit_test(escapes_json),
        cmocka_unit_test(ids_are_ulids),
        cmocka_unit_test(judges_every_status),
        cmocka_unit_test(delays_grow_within_bounds),
        cmocka_unit_test(bodies_say_what_was_given),
        cmocka_unit_test(times_are_the_callers),
        cmocka_unit_test(texts_for_people_are_cut),
        cmocka_unit_test(sources_are_mended),
        cmocka_unit_test(costs_are_exact_to_a_millionth),
        cmocka_unit_test(wrong_arguments_are_seen),
        cmocka_unit_test(answers_of_any_shape_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
