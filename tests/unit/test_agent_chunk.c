/* What an OpenAI-compatible model streams, put together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/chunk.h"

#define DELTA(inside) "{\"choices\":[{\"delta\":{" inside "}}]}"
#define CALLS(inside) DELTA("\"tool_calls\":[" inside "]")

static void expect(struct chunk_answer *answer, const char *data, enum chunk_result result)
{
    assert_int_equal(chunk_take(answer, data, strlen(data)), result);
}

static void texts_are_appended(void **state)
{
    struct chunk_answer answer = {0};

    (void)state;
    expect(&answer, "{\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}", CHUNK_OK);
    expect(&answer, DELTA("\"reasoning_content\":\"Let \""), CHUNK_OK);
    expect(&answer, DELTA("\"reasoning\":\"me\""), CHUNK_OK);
    expect(&answer, DELTA("\"reasoning\":\"!\",\"reasoning_content\":\"!\""), CHUNK_OK);
    expect(&answer, DELTA("\"content\":\"An\""), CHUNK_OK);
    expect(&answer, DELTA("\"content\":\"swer\""), CHUNK_OK);
    assert_string_equal(answer.reasoning.p, "Let me!");
    assert_string_equal(answer.content.p, "Answer");
    assert_string_equal(answer.model, "m");
    assert_false(chunk_is_finished(&answer));
    expect(&answer, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", CHUNK_OK);
    assert_true(chunk_is_finished(&answer));
    assert_false(answer.is_done);
    expect(&answer, "[DONE]", CHUNK_OK);
    assert_true(answer.is_done);
    chunk_fini(&answer);
}

static void usage_comes_last(void **state)
{
    struct chunk_answer answer = {0};

    (void)state;
    expect(&answer,
           "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,"
           "\"completion_tokens_details\":{\"reasoning_tokens\":7}}}",
           CHUNK_OK);
    expect(&answer, "{\"choices\":[],\"usage\":null}", CHUNK_OK);
    assert_int_equal(answer.input_tokens, 10);
    assert_int_equal(answer.output_tokens, 20);
    assert_int_equal(answer.reasoning_tokens, 7);
    chunk_fini(&answer);
}

static void calls_are_put_together_by_index(void **state)
{
    struct chunk_answer answer = {0};

    (void)state;
    expect(&answer,
           CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"one\",\"arguments\":\"\"}},"
                 "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"two\",\"arguments\":\"{\"}}"),
           CHUNK_OK);
    expect(&answer, CALLS("{\"index\":1,\"function\":{\"arguments\":\"}\"}}"), CHUNK_OK);
    /* Some servers repeat id and name with every piece. */
    expect(&answer, CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"one\",\"arguments\":\"{\\\"q\\\":1}\"}}"),
           CHUNK_OK);
    assert_int_equal(answer.call_count, 2);
    assert_string_equal(answer.calls[0].id.p, "a");
    assert_string_equal(answer.calls[0].name.p, "one");
    assert_string_equal(answer.calls[0].arguments.p, "{\"q\":1}");
    assert_string_equal(answer.calls[1].name.p, "two");
    assert_string_equal(answer.calls[1].arguments.p, "{}");
    chunk_fini(&answer);
}

static void calls_without_index(void **state)
{
    struct chunk_answer answer = {0};

    (void)state;
    expect(&answer, CALLS("{\"id\":\"a\",\"function\":{\"name\":\"one\",\"arguments\":\"{\"}}"), CHUNK_OK);
    expect(&answer, CALLS("{\"function\":{\"arguments\":\"}\"}}"), CHUNK_OK);
    expect(&answer, CALLS("{\"id\":\"b\",\"function\":{\"name\":\"two\",\"arguments\":\"{}\"}}"), CHUNK_OK);
    assert_int_equal(answer.call_count, 2);
    assert_string_equal(answer.calls[0].arguments.p, "{}");
    assert_string_equal(answer.calls[1].name.p, "two");
    chunk_fini(&answer);
}

static void what_is_wrong_is_told(void **state)
{
    static const char *const malformed[] = {
        "", "{", "[]", "null", "3", "\"x\"", "{\"choices\":[{\"delta\":{\"content\":", "{}x", "\xff"};
    struct chunk_answer answer = {0};

    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        expect(&answer, malformed[i], CHUNK_MALFORMED);
    expect(&answer, "{\"error\":{\"message\":\"overloaded\",\"code\":1}}", CHUNK_ERROR);
    assert_string_equal(answer.error, "overloaded");
    assert_false(answer.error_is_final);
    expect(&answer, "{\"error\":{\"type\":\"invalid_request_error\"}}", CHUNK_ERROR);
    assert_true(answer.error_is_final);
    expect(&answer, "{\"error\":\"short\"}", CHUNK_ERROR);
    assert_string_equal(answer.error, "short");
    expect(&answer, "{\"error\":null,\"choices\":[]}", CHUNK_OK);
    expect(&answer, CALLS("{\"index\":16}"), CHUNK_TOO_LARGE);
    expect(&answer, CALLS("{\"index\":-1}"), CHUNK_TOO_LARGE);
    /* Things of another kind than expected are passed over. */
    expect(&answer, "{\"choices\":{},\"usage\":[],\"model\":3}", CHUNK_OK);
    expect(&answer, "{\"choices\":[{\"delta\":[],\"finish_reason\":{}}]}", CHUNK_OK);
    expect(&answer, DELTA("\"content\":[1],\"tool_calls\":{\"a\":1}"), CHUNK_OK);
    /* Counts that the API would refuse, with the whole step. */
    expect(&answer, "{\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":9000000000000000}}", CHUNK_OK);
    assert_int_equal(answer.input_tokens, 0);
    assert_int_equal(answer.output_tokens, 0);
    chunk_fini(&answer);
}

static void text_has_a_bound(void **state)
{
    struct chunk_answer answer = {0};
    struct text data = {0};
    enum chunk_result result = CHUNK_OK;

    (void)state;
    text_adds(&data, "{\"choices\":[{\"delta\":{\"content\":\"");
    for (int i = 0; i < 300000; i++)
        text_addc(&data, 'x');
    text_adds(&data, "\"}}]}");
    for (int i = 0; i < 4 && result == CHUNK_OK; i++)
        result = chunk_take(&answer, data.p, data.n);
    assert_int_equal(result, CHUNK_TOO_LARGE);
    text_fini(&data);
    chunk_fini(&answer);
}

static void whole_reply(void **state)
{
    static const char reply[] =
        "{\"choices\":[{\"message\":{\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"n\","
        "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":1}}";
    struct chunk_answer answer = {0};

    (void)state;
    assert_int_equal(chunk_take_whole(&answer, reply, sizeof reply - 1), CHUNK_OK);
    assert_true(answer.is_done);
    assert_string_equal(answer.content.p, "Hi");
    assert_string_equal(answer.calls[0].name.p, "n");
    assert_int_equal(answer.input_tokens, 1);
    chunk_fini(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_appended),
        cmocka_unit_test(usage_comes_last),
        cmocka_unit_test(calls_are_put_together_by_index),
        cmocka_unit_test(calls_without_index),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(text_has_a_bound),
        cmocka_unit_test(whole_reply),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
