// SPDX-License-Identifier: Apache-2.0
// How a session ends: by silence, by other people, by the program itself, by a revoked token.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/test_emitter_world.h"

static const struct trace_step_spec thinking = {.type = "thinking"};

static bool has_two_heartbeats(struct memory *m)
{
    return memory_count(m, "/heartbeat") >= 2;
}

static void heartbeats_come_by_themselves(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    assert_true(memory_until(w->memory, has_two_heartbeats));
    trace_session_free(s);
    int n = memory_count(w->memory, "/heartbeat");
    memory_sleep(3 * WORLD_HEARTBEAT_MS); // only time shows that none comes any more
    assert_true(memory_count(w->memory, "/heartbeat") <= n + 1);
}

static void a_step_outlives_its_sessions_handle(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    struct trace_stats stats;
    char id[TRACE_ID_SIZE];
    memcpy(id, trace_session_id(s), sizeof id);
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    trace_session_free(s);
    memory_sleep(20); // time for the sending thread to look; nothing tells that it has
    assert_int_equal(trace_step_append(step, "text", 4), TRACE_OK);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    assert_true(memory_count(w->memory, "/progress") >= 1);
    int n = memory_count(w->memory, "/heartbeat");
    memory_sleep(2 * WORLD_HEARTBEAT_MS); // only time shows that none comes
    assert_int_equal(memory_count(w->memory, "/heartbeat"), n);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_OK);
    trace_step_free(step);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.queued_bytes, 0);
    json_t *session = world_state(w, id), *done = json_array_get(json_object_get(session, "steps"), 0);
    assert_string_equal(json_string_value(json_object_get(done, "status")), "completed");
    assert_string_equal(json_string_value(json_object_get(done, "content")), "text");
    json_decref(session);
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
    memory_sleep(2 * WORLD_HEARTBEAT_MS); // only time shows that it is told once
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

static void a_session_lost_by_the_server_runs_again(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_OK);
    memory_end_session(w->memory, trace_session_id(s), "lost");
    world_answered(w, trace_step_complete(step, NULL));
    memory_end_session(w->memory, trace_session_id(s), "lost");
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_OK);
    memory_end_session(w->memory, trace_session_id(s), "lost");
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_OK);
    assert_int_equal(world_told(w, &w->endings), 0);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    world_expect_log(w, "create start reopen complete reopen record reopen completed");
    trace_step_free(step);
    trace_session_free(s);
}

static void what_began_before_a_cancellation_is_put_and_the_rest_is_said(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step, *late;
    struct trace_stats stats;
    world_answered(w, trace_step_start(s, &thinking, &step));
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_QUEUED);
    assert_int_equal(trace_step_start(s, &thinking, &late), TRACE_QUEUED);
    assert_int_equal(trace_step_complete(late, NULL), TRACE_QUEUED);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_QUEUED);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_QUEUED);
    memory_end_session(w->memory, trace_session_id(s), "cancelled");
    world_faults(w, WORLD_NONE);
    // The record, the late start, and its completion.
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 3);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.dropped_ended, 2);
    assert_int_equal(stats.refused, 1);
    assert_true(world_told(w, &w->errors) >= 3);
    assert_true(world_until_endings(w, 1));
    assert_string_equal(w->ended_status, "cancelled");
    world_expect_log(w, "create start complete");
    trace_step_free(late);
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
    // The event of our own ending is not news.
    assert_int_equal(trace_session_complete(own, NULL, 0), TRACE_OK);
    trace_session_note_ended(own, "completed");
    memory_sleep(20); // only time shows that nothing is told
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
    assert_true(world_until_endings(w, 1)); // nobody knows it
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

static void handles_outlive_the_emitter(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step, *late;
    world_answered(w, trace_step_start(s, &thinking, &step));
    w->each = (struct memory_fault){.kind = MEMORY_FINE, .delay_ms = 10000};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(step, "x", 1), TRACE_OK);
    assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_QUEUED);
    trace_emitter_free(w->emitter);
    w->emitter = NULL;
    assert_true(w->errors >= 1); // what was not delivered is said
    assert_int_equal(trace_step_append(step, "x", 1), TRACE_CLOSED);
    assert_int_equal(trace_step_complete(step, NULL), TRACE_CLOSED);
    assert_int_equal(trace_step_start(s, &thinking, &late), TRACE_CLOSED);
    assert_int_equal(trace_session_complete(s, NULL, 0), TRACE_CLOSED);
    trace_session_note_ended(s, "failed");
    trace_session_free(s);
    trace_step_free(step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(heartbeats_come_by_themselves),
        WORLD_TEST(a_step_outlives_its_sessions_handle),
        WORLD_TEST(an_ending_by_others_is_heard),
        WORLD_TEST(a_late_write_learns_of_the_end),
        WORLD_TEST(an_ending_fed_by_the_program),
        WORLD_TEST(adoption_asks_at_once),
        WORLD_TEST(a_session_lost_by_the_server_runs_again),
        WORLD_TEST_HASTY(what_began_before_a_cancellation_is_put_and_the_rest_is_said),
        WORLD_TEST(a_revoked_token_ends_everything),
        WORLD_TEST_HASTY(handles_outlive_the_emitter),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
