/* The calls of agenttrace.h against the model of the server: what they record, answer, wait for and tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
        w->each = faults[i]; /* each write's first attempt */
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
    assert_int_equal(memory_count(w->memory, "/steps"), 1); /* not repeated */
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

static void a_broken_server_is_not_asked_for_ever(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 500};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_REFUSED);
    assert_int_equal(memory_count(w->memory, "/steps"), 5);
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
    assert_int_equal(world_told(w, &w->endings), 0); /* the caller knows */
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
    /* Its stream was learnt from the answer. */
    assert_int_equal(trace_session_post(a, &(struct trace_message_spec){.content = "x"}, NULL), TRACE_OK);
    trace_session_free(b);
    trace_session_free(c);
    trace_session_free(a);
}

static void a_claim_is_never_queued(void **state)
{
    struct world *w = *state;
    struct trace_session *s;
    memory_add_pending(w->memory, WORLD_SESSION, WORLD_STREAM);
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w", &s), TRACE_AWAY);
    assert_true(trace_session_ended(s));
    trace_session_free(s);
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w", &s), TRACE_OK);
    assert_int_equal(world_told(w, &w->endings), 0);
    trace_session_free(s);
}

static void work_goes_on_while_the_server_is_away(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *steps[10];
    struct trace_posted posted;
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    int64_t before = world_now();
    for (int i = 0; i < 10; i++) {
        assert_int_equal(trace_step_start(s, &thinking, &steps[i]), TRACE_QUEUED);
        assert_int_equal(trace_step_append(steps[i], "text", 4), TRACE_OK);
        assert_int_equal(trace_step_complete(steps[i], NULL), TRACE_QUEUED);
        trace_step_free(steps[i]);
    }
    assert_int_equal(trace_session_post(s, &(struct trace_message_spec){.content = "x"}, &posted), TRACE_QUEUED);
    assert_string_equal(posted.message_id, "");
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "message_sent", .text = "x"},
                                          &(struct trace_outcome){.message_id = posted.client_message_id}),
                     TRACE_QUEUED);
    assert_int_equal(trace_session_complete(s, posted.client_message_id, 0), TRACE_QUEUED);
    assert_int_equal(trace_session_complete(s, posted.client_message_id, 0), TRACE_QUEUED);
    /* It waited for the first of them only. */
    assert_true(world_now() - before < 3 * WORLD_ACK_MS);
    trace_session_free(s);
    assert_int_equal(trace_emitter_flush(w->emitter, 150), -1);
    assert_true(world_told(w, &w->warnings) >= 1);

    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_emitter_flush(w->emitter, 5000), 0);
    json_t *all = memory_state(w->memory), *session;
    const char *id;
    json_object_foreach(json_object_get(all, "sessions"), id, session)
    {
        assert_int_equal(json_array_size(json_object_get(session, "steps")), 11);
        json_t *sent = json_array_get(json_object_get(session, "steps"), 10);
        json_t *message = json_array_get(json_object_get(all, "messages"), 0);
        assert_string_equal(json_string_value(json_object_get(sent, "messageId")),
                            json_string_value(json_object_get(message, "id")));
        assert_string_equal(json_string_value(json_object_get(session, "responseMessageId")),
                            json_string_value(json_object_get(message, "id")));
        assert_string_equal(json_string_value(json_object_get(session, "status")), "completed");
    }
    json_decref(all);
}

static void what_is_too_old_is_dropped_and_said(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    struct trace_stats stats;
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_QUEUED);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_QUEUED);
    assert_int_equal(trace_emitter_flush(w->emitter, 5000), 0);
    trace_emitter_stats(w->emitter, &stats);
    assert_true(stats.dropped_expired >= 1);
    assert_int_equal(stats.dropped_expired + stats.refused, 2);
    assert_int_equal(stats.queued, 0);
    assert_true(world_told(w, &w->errors) >= 1);
    trace_step_free(step);
    trace_session_free(s);
}

static void the_queue_is_bounded(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *live, *open, *steps[WORLD_QUEUE];
    struct trace_stats stats;
    int taken = 0;
    assert_int_equal(trace_step_start(s, &thinking, &open), TRACE_OK);
    assert_int_equal(trace_step_start(s, &thinking, &live), TRACE_OK);
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(live, "text", 4), TRACE_OK);
    while (taken < WORLD_QUEUE && trace_step_start(s, &thinking, &steps[taken]) == TRACE_QUEUED)
        taken++;
    assert_int_equal(taken, WORLD_QUEUE * 3 / 4);
    trace_step_free(steps[taken]);
    /* Room is left for what ends something, and live text has given way. */
    assert_int_equal(trace_step_complete(open, NULL), TRACE_QUEUED);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_FULL);
    for (int i = 0; i < WORLD_QUEUE / 4 - 1; i++)
        assert_int_equal(trace_step_complete(steps[i], NULL), TRACE_QUEUED);
    assert_int_equal(trace_step_complete(live, NULL), TRACE_FULL);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_QUEUED);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.queued, WORLD_QUEUE + 1);
    assert_int_equal(stats.dropped_full, 3);
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_emitter_flush(w->emitter, 5000), 0);
    json_t *session = world_state(w, trace_session_id(s));
    assert_int_equal(json_array_size(json_object_get(session, "steps")), WORLD_QUEUE * 3 / 4 + 2);
    json_decref(session);
    for (int i = 0; i < taken; i++)
        trace_step_free(steps[i]);
    trace_step_free(live);
    trace_step_free(open);
    trace_session_free(s);
}

static void bytes_are_bounded_too(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *live;
    struct trace_stats stats;
    char *text = malloc(WORLD_BYTES);
    memset(text, 'x', WORLD_BYTES);
    assert_int_equal(trace_step_start(s, &thinking, &live), TRACE_OK);
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(live, text, WORLD_BYTES / 4), TRACE_OK);
    text[WORLD_BYTES * 5 / 8] = '\0';
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "x", .text = text}, NULL), TRACE_QUEUED);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.progress_dropped, 1);
    assert_true(stats.queued_bytes < WORLD_BYTES);
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "x", .text = text}, NULL), TRACE_FULL);
    assert_int_equal(trace_step_append(live, "more", 4), TRACE_OK); /* nobody is stopped for it */
    world_faults(w, WORLD_NONE);
    assert_true(trace_step_complete(live, NULL) <= TRACE_QUEUED);
    assert_int_equal(trace_emitter_flush(w->emitter, 5000), 0);
    trace_step_free(live);

    /* Live text that alone passes half of the bound. */
    assert_int_equal(trace_step_start(s, &thinking, &live), TRACE_OK);
    text[WORLD_BYTES * 5 / 8] = 'x';
    assert_int_equal(trace_step_append(live, text, WORLD_BYTES * 3 / 4), TRACE_OK);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.progress_dropped, 2);
    assert_int_equal(stats.queued_bytes, 0);
    trace_step_free(live);
    trace_session_free(s);
    free(text);
}

static bool has_two_heartbeats(struct memory *m)
{
    return memory_count(m, "/heartbeat") >= 2;
}

static void heartbeats_come_by_themselves(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    assert_true(memory_until(w->memory, has_two_heartbeats, 1000));
    trace_session_free(s);
    int n = memory_count(w->memory, "/heartbeat");
    memory_sleep(3 * WORLD_HEARTBEAT_MS);
    assert_true(memory_count(w->memory, "/heartbeat") <= n + 1);
}

static void an_ending_by_others_is_heard(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    memory_end_session(w->memory, trace_session_id(s), "cancelled");
    assert_true(world_until_endings(w, 1));
    assert_string_equal(w->ended_status, "cancelled");
    assert_string_equal(w->ended_id, trace_session_id(s));
    assert_true(trace_session_ended(s));
    assert_int_equal(trace_step_complete(step, NULL), TRACE_ENDED);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_ENDED);
    memory_sleep(2 * WORLD_HEARTBEAT_MS);
    assert_int_equal(world_told(w, &w->endings), 1);
    trace_step_free(step);
    trace_session_free(s);
}

static void a_late_write_learns_of_the_end(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step, *second;
    struct trace_error error;
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    memory_end_session(w->memory, trace_session_id(s), "failed");
    assert_int_equal(trace_step_start(s, &thinking, &second), TRACE_ENDED);
    assert_true(trace_session_error(s, &error));
    assert_string_equal(error.code, "session_ended");
    assert_string_equal(error.detail, "failed");
    assert_true(world_until_endings(w, 1));
    trace_step_free(second);
    trace_step_free(step);
    trace_session_free(s);
}

static void an_ending_fed_by_the_program(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w), *own = world_session(w);
    trace_session_note_ended(s, "cancelled");
    trace_session_note_ended(s, "cancelled");
    assert_true(trace_session_ended(s));
    assert_true(world_until_endings(w, 1));
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_ENDED);
    /* The event of our own ending is not news. */
    assert_int_equal(trace_session_complete(own, NULL, 0), TRACE_OK);
    trace_session_note_ended(own, "completed");
    memory_sleep(20);
    assert_int_equal(world_told(w, &w->endings), 1);
    trace_session_free(own);
    trace_session_free(s);
}

static void adoption_asks_at_once(void **state)
{
    struct world *w = *state;
    struct trace_session *s;
    assert_int_equal(trace_session_adopt(w->emitter, "x", &s), TRACE_INVALID);
    assert_null(s);
    assert_int_equal(trace_session_adopt(w->emitter, WORLD_SESSION, &s), TRACE_OK);
    assert_true(world_until_endings(w, 1)); /* nobody knows it */
    assert_string_equal(w->ended_status, "refused");
    trace_session_free(s);
    memory_add_pending(w->memory, WORLD_SESSION, WORLD_STREAM);
    memory_end_session(w->memory, WORLD_SESSION, "running");
    assert_int_equal(trace_session_adopt(w->emitter, WORLD_SESSION, &s), TRACE_OK);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_OK);
    assert_int_equal(trace_session_cancel(s), TRACE_OK);
    trace_session_free(s);
}

static void a_revoked_token_ends_everything(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 401, .code = "unauthenticated"};
    world_faults(w, WORLD_ALL);
    assert_true(world_until_endings(w, 1));
    assert_string_equal(w->ended_status, "refused");
    assert_true(trace_session_ended(s));
    trace_session_free(s);
}

static void unusual_arguments(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w), *other = world_session(w);
    struct trace_step *step, *none;
    assert_int_equal(trace_step_append(NULL, "x", 1), TRACE_INVALID);
    assert_int_equal(trace_step_complete(NULL, NULL), TRACE_INVALID);
    assert_string_equal(trace_step_id(NULL), "");
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
    /* Handles may be freed in any order. */
    trace_session_free(other);
    trace_step_free(step);
    trace_session_free(s);
}

static void handles_outlive_the_emitter(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step, *late;
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    w->each = (struct memory_fault){.kind = MEMORY_FINE, .delay_ms = 10000};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(step, "x", 1), TRACE_OK);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_QUEUED);
    trace_emitter_free(w->emitter);
    w->emitter = NULL;
    assert_true(w->errors >= 1); /* what was not delivered is said */
    assert_int_equal(trace_step_append(step, "x", 1), TRACE_CLOSED);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_CLOSED);
    assert_int_equal(trace_step_start(s, &thinking, &late), TRACE_CLOSED);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_CLOSED);
    trace_session_note_ended(s, "failed");
    trace_session_free(s);
    trace_step_free(step);
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
#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_whole_session),
        WORLD_TEST(every_fault_of_every_write),
        WORLD_TEST(what_is_refused_is_loud),
        WORLD_TEST(a_broken_server_is_not_asked_for_ever),
        WORLD_TEST(a_session_refused_takes_nothing),
        WORLD_TEST(claims),
        WORLD_TEST(a_claim_is_never_queued),
        WORLD_TEST(work_goes_on_while_the_server_is_away),
        cmocka_unit_test_setup_teardown(what_is_too_old_is_dropped_and_said, world_setup_impatient, world_teardown),
        WORLD_TEST(the_queue_is_bounded),
        WORLD_TEST(bytes_are_bounded_too),
        WORLD_TEST(heartbeats_come_by_themselves),
        WORLD_TEST(an_ending_by_others_is_heard),
        WORLD_TEST(a_late_write_learns_of_the_end),
        WORLD_TEST(an_ending_fed_by_the_program),
        WORLD_TEST(adoption_asks_at_once),
        WORLD_TEST(a_revoked_token_ends_everything),
        WORLD_TEST(unusual_arguments),
        WORLD_TEST(handles_outlive_the_emitter),
        WORLD_TEST(a_forked_child_does_no_harm),
        WORLD_TEST(wrong_configurations),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
