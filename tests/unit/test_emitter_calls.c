// SPDX-License-Identifier: Apache-2.0
// The calls of agenttrace.h against the model of the server: what they record and what they answer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/test_emitter_world.h"

static const struct trace_step_spec thinking = {.type = "thinking"};

static void a_whole_session(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *think, *tool;
    struct trace_posted posted;
    assert_int_equal(trace_step_start(s, &thinking, &think), TRACE_OK);
    assert_int_equal(trace_step_append(think, "Let me ", 7), TRACE_OK);
    assert_int_equal(trace_step_append(think, "see", 3), TRACE_OK);
    struct trace_step_spec search = {
        .type = "web_search", .name = "search", .parent = think, .content_json = "{\"query\":\"q\"}"};
    assert_int_equal(trace_step_start(s, &search, &tool), TRACE_OK);
    assert_int_equal(trace_step_complete(tool, NULL), TRACE_OK);
    assert_int_equal(trace_step_complete(think, NULL), TRACE_OK);
    assert_int_equal(trace_session_post(s, &(struct trace_message_spec){.content = "Hello"}, &posted), TRACE_OK);
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "message_sent", .text = "Hello"},
                                          &(struct trace_outcome){.message_id = posted.message_id}),
                     TRACE_OK);
    assert_int_equal(trace_session_complete(s, posted.message_id, 7), TRACE_OK);
    assert_true(trace_session_ended(s));
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_OK);
    assert_int_equal(trace_session_fail(s, "x", "y"), TRACE_ENDED);
    assert_int_equal(trace_step_append(think, "late", 4), TRACE_ENDED);
    world_expect_log(w, "create start start complete complete post record completed");

    json_t *session = world_state(w, trace_session_id(s));
    json_t *steps = json_object_get(session, "steps"), *first = json_array_get(steps, 0);
    assert_string_equal(json_string_value(json_object_get(first, "content")), "Let me see");
    assert_string_equal(json_string_value(json_object_get(json_array_get(steps, 1), "parentStepId")),
                        trace_step_id(think));
    assert_string_equal(json_string_value(json_object_get(json_array_get(steps, 2), "messageId")), posted.message_id);
    assert_string_equal(json_string_value(json_object_get(session, "responseMessageId")), posted.message_id);
    json_decref(session);
    assert_int_equal(world_told(w, &w->endings), 0);
    assert_non_null(strstr(trace_session_json(s), trace_session_id(s)));
    trace_step_free(tool);
    trace_step_free(think);
    trace_session_free(s);
}

static void every_fault_of_every_write(void **state)
{
    struct world *w = *state;
    static const struct memory_fault faults[] = {
        {.kind = MEMORY_DROP_BEFORE},
        {.kind = MEMORY_DROP_AFTER},
        {.kind = MEMORY_DUPLICATE},
        {.kind = MEMORY_FINE, .delay_ms = 10},
        {.kind = MEMORY_DROP_AFTER, .delay_ms = 10},
        {.kind = MEMORY_ANSWER, .status = 429, .retry_after_ms = 20},
        {.kind = MEMORY_ANSWER, .status = 503, .retry_after_ms = 20},
        {.kind = MEMORY_ANSWER, .status = 502},
        {.kind = MEMORY_ANSWER, .status = 504},
        {.kind = MEMORY_ANSWER, .status = 500},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct trace_step *step;
        struct trace_posted posted;
        struct trace_session *s;
        w->each = faults[i]; // each write's first attempt
        world_faults(w, WORLD_FIRST_ATTEMPTS);
        assert_int_equal(trace_session_create(w->emitter, &(struct trace_session_spec){.stream_id = WORLD_STREAM}, &s),
                         TRACE_OK);
        assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
        assert_int_equal(trace_session_post(s, &(struct trace_message_spec){.content = "m"}, &posted), TRACE_OK);
        assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_OK);
        assert_int_equal(trace_step_fail(step, "code", "message"), TRACE_OK);
        assert_int_equal(trace_session_complete(s, posted.client_message_id, 0), TRACE_OK);
        json_t *session = world_state(w, trace_session_id(s));
        assert_int_equal(json_array_size(json_object_get(session, "steps")), 2);
        assert_string_equal(json_string_value(json_object_get(session, "responseMessageId")), posted.message_id);
        json_decref(session);
        json_t *all = memory_state(w->memory);
        assert_int_equal(json_array_size(json_object_get(all, "messages")), i + 1);
        json_decref(all);
        trace_step_free(step);
        trace_session_free(s);
    }
    struct trace_stats stats;
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.acknowledged, 6 * 10);
    assert_int_equal(stats.repeated, 6 * 8);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.queued_bytes, 0);
}

static void what_is_refused_is_loud(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    struct trace_error error;
    assert_false(trace_session_error(s, &error));
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 400, .code = "invalid_body"};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_REFUSED);
    assert_true(trace_session_error(s, &error));
    assert_int_equal(error.status, 400);
    assert_string_equal(error.code, "invalid_body");
    assert_int_equal(memory_count(w->memory, "/steps"), 1); // not repeated
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_step_append(step, "x", 1), TRACE_ENDED);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_REFUSED);
    trace_step_free(step);

    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_complete(step, &(struct trace_outcome){.text = "a"}), TRACE_REFUSED);
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_step_complete(step, &(struct trace_outcome){.text = "b"}), TRACE_OK);
    trace_step_free(step);
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_REFUSED);
    world_faults(w, WORLD_NONE);
    assert_false(trace_session_ended(s));
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_OK);
    trace_session_free(s);
    struct trace_stats stats;
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.refused, 3);
    assert_true(world_told(w, &w->errors) >= 3);
}

static void what_was_streamed_survives_a_refusal(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    char text[1024 + 1] = "", both[1024 + 3 + 1];
    memset(text, 'x', 1024); // so much is stored with the first send: nothing else is under way then
    snprintf(both, sizeof both, "%stwo", text);
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    assert_int_equal(trace_step_append(step, text, 1024), TRACE_OK);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 400, .code = "invalid_body"};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_REFUSED);
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_step_append(step, "two", 3), TRACE_OK);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_OK);
    json_t *session = world_state(w, trace_session_id(s));
    json_t *done = json_array_get(json_object_get(session, "steps"), 0);
    assert_string_equal(json_string_value(json_object_get(done, "content")), both);
    json_decref(session);
    trace_step_free(step);
    trace_session_free(s);
}

static void a_session_refused_takes_nothing(void **state)
{
    struct world *w = *state;
    struct trace_session *s;
    struct trace_step *step;
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 409, .code = "session_running"};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_create(w->emitter, &(struct trace_session_spec){0}, &s), TRACE_REFUSED);
    assert_true(trace_session_ended(s));
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_ENDED);
    assert_int_equal(
        trace_session_post(s, &(struct trace_message_spec){.content = "x", .stream_id = WORLD_STREAM}, NULL),
        TRACE_ENDED);
    assert_int_equal(trace_session_cancel(s), TRACE_ENDED);
    assert_int_equal(world_told(w, &w->endings), 0); // the caller knows
    trace_step_free(step);
    trace_session_free(s);
}

static void claims(void **state)
{
    struct world *w = *state;
    struct trace_session *a, *b, *c;
    memory_add_pending(w->memory, WORLD_SESSION, WORLD_STREAM);
    assert_int_equal(trace_session_claim(w->emitter, "nonsense", "w1", &a), TRACE_INVALID);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "", &a), TRACE_INVALID);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w1", &a), TRACE_OK);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w1", &b), TRACE_OK);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w2", &c), TRACE_REFUSED);
    assert_true(trace_session_ended(c));
    struct trace_error error;
    assert_true(trace_session_error(c, &error));
    assert_string_equal(error.code, "already_claimed");
    // Its stream was learnt from the answer.
    assert_int_equal(trace_session_post(a, &(struct trace_message_spec){.content = "x"}, NULL), TRACE_OK);
    assert_int_equal(world_told(w, &w->errors), 0); // the caller knows, and may well have expected it
    trace_session_free(b);
    trace_session_free(c);
    trace_session_free(a);
}

static void unusual_arguments(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w), *other = world_session(w);
    struct trace_step *step, *none;
    assert_int_equal(trace_step_append(NULL, "x", 1), TRACE_INVALID);
    assert_int_equal(trace_step_complete(NULL, NULL), TRACE_INVALID);
    assert_string_equal(trace_step_id(NULL), "");
    assert_string_equal(trace_session_id(NULL), "");
    assert_null(trace_session_json(NULL));
    assert_true(trace_session_ended(NULL));
    assert_int_equal(trace_step_start(NULL, &thinking, &none), TRACE_INVALID);
    assert_int_equal(trace_session_record(NULL, &thinking, NULL), TRACE_INVALID);
    assert_int_equal(trace_session_post(NULL, &(struct trace_message_spec){.content = "x"}, NULL), TRACE_INVALID);
    assert_int_equal(trace_session_complete(NULL, NULL, 0), TRACE_INVALID);
    assert_int_equal(trace_session_fail(NULL, "x", "y"), TRACE_INVALID);
    assert_int_equal(trace_session_cancel(NULL), TRACE_INVALID);
    trace_step_free(NULL);
    trace_session_free(NULL);
    trace_emitter_free(NULL);
    assert_int_equal(trace_step_start(s, &(struct trace_step_spec){.type = "No"}, &none), TRACE_INVALID);
    assert_null(none);
    assert_int_equal(trace_step_start(other, &thinking, &step), TRACE_OK);
    assert_int_equal(trace_step_start(s, &(struct trace_step_spec){.type = "thinking", .parent = step}, &none),
                     TRACE_INVALID);
    assert_int_equal(trace_step_complete(step, &(struct trace_outcome){.content_json = "{"}), TRACE_INVALID);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_OK);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_ENDED);
    assert_int_equal(trace_session_fail(s, "", "x"), TRACE_INVALID);
    assert_int_equal(trace_session_complete(s, NULL, -1), TRACE_INVALID);
    assert_int_equal(trace_session_post(s, &(struct trace_message_spec){.content = ""}, NULL), TRACE_INVALID);
    assert_string_equal(trace_result_name(TRACE_AWAY), "away");
    assert_string_equal(trace_result_name(TRACE_RESULT__MAX), "unknown");
    // Handles may be freed in any order.
    trace_session_free(other);
    trace_step_free(step);
    trace_session_free(s);
}

static void a_forked_child_does_no_harm(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    pid_t child = fork();
    if (child == 0) {
        struct trace_stats stats;
        bool quiet = trace_step_append(step, "x", 1) == TRACE_CLOSED &&
                     trace_step_complete(step, NULL) == TRACE_CLOSED &&
                     trace_session_complete(s, NULL, 0) == TRACE_CLOSED &&
                     trace_emitter_flush(w->emitter, 1000) == -1 && trace_session_ended(s);
        trace_emitter_stats(w->emitter, &stats);
        trace_step_free(step);
        trace_session_free(s);
        trace_emitter_free(w->emitter);
        _exit(quiet ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_OK);
    trace_step_free(step);
    trace_session_free(s);
}

static void wrong_configurations(void **state)
{
    struct world *w = *state;
    const char *ws = WORLD_WORKSPACE;
    const struct trace_config wrong[] = {
        {.url = "http://localhost", .token = "t"},
        {.url = "http://localhost", .token = "t", .workspace = "ws_../x"},
        {.token = "t", .workspace = ws},
        {.url = "http://localhost", .workspace = ws},
        {.url = "ftp://localhost", .token = "t", .workspace = ws},
        {.url = "localhost", .token = "t", .workspace = ws},
        {.url = "http://localhost/api", .token = "t", .workspace = ws},
        {.url = "http://me:pw@localhost", .token = "t", .workspace = ws},
        {.url = "http://localhost", .token = "t\r\nX: y", .workspace = ws},
        {.url = "http://localhost", .token = "t", .workspace = ws, .progress_ms = -1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct trace_config config = wrong[i];
        int before = world_told(w, &w->errors);
        config.on_log = world_on_log;
        config.user = w;
        assert_null(trace_emitter_new(&config));
        assert_int_equal(world_told(w, &w->errors), before + 1);
    }
    struct trace_config right = {.url = "http://localhost:1/", .token = "t", .workspace = ws};
    struct trace_emitter *em = trace_emitter_new(&right);
    assert_non_null(em);
    trace_emitter_free(em);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_whole_session),
        WORLD_TEST(every_fault_of_every_write),
        WORLD_TEST(what_is_refused_is_loud),
        WORLD_TEST(what_was_streamed_survives_a_refusal),
        WORLD_TEST(a_session_refused_takes_nothing),
        WORLD_TEST(claims),
        WORLD_TEST(unusual_arguments),
        WORLD_TEST(a_forked_child_does_no_harm),
        WORLD_TEST(wrong_configurations),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
