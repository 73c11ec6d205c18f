// SPDX-License-Identifier: Apache-2.0
// A server that is away, broken or slow: what waits, what is dropped, and what is logged.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/test_emitter_world.h"

static const struct trace_step_spec thinking = {.type = "thinking"};

static void a_broken_server_is_not_asked_for_ever(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    w->each = (struct memory_fault){.kind = MEMORY_ANSWER, .status = 500};
    world_faults(w, WORLD_ALL);
    char id[TRACE_ID_SIZE];
    trace_id_new(id, "stp_");
    struct trace_step_spec spec = {.type = "thinking", .id = id};
    assert_int_equal(trace_session_record(s, &spec, NULL), TRACE_REFUSED);
    // What is tried again is put.
    assert_int_equal(memory_count(w->memory, "/steps"), 1);
    assert_int_equal(memory_count(w->memory, id), 4);
    trace_session_free(s);
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

static void a_claim_under_way_is_waited_for(void **state)
{
    struct world *w = *state;
    struct trace_session *s;
    memory_add_pending(w->memory, WORLD_SESSION, WORLD_STREAM);
    w->each = (struct memory_fault){.kind = MEMORY_FINE, .delay_ms = WORLD_SLOWER_MS * 5 / 4};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w", &s), TRACE_OK);
    assert_false(trace_session_ended(s));
    assert_int_equal(memory_count(w->memory, "/claim"), 1);
    // A lost claim is not repeated by itself.
    trace_session_free(s);
    w->each = (struct memory_fault){.kind = MEMORY_DROP_AFTER, .delay_ms = WORLD_SLOWER_MS * 5 / 4};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_session_claim(w->emitter, WORLD_SESSION, "w", &s), TRACE_AWAY);
    assert_int_equal(memory_count(w->memory, "/claim"), 2);
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
    int waited = 0;
    for (int i = 0; i < 10; i++) {
        int64_t before = world_now();
        assert_int_equal(trace_step_start(s, &thinking, &steps[i]), TRACE_QUEUED);
        waited += world_now() - before >= WORLD_ACK_MS;
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
    // It waited for the first of them only; a busy machine may hold up another one, but not most of them.
    assert_in_range(waited, 1, 5);
    trace_session_free(s);
    assert_int_equal(trace_emitter_flush(w->emitter, 150), -1);
    assert_true(world_told(w, &w->warnings) >= 1);

    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    assert_true(memory_count(w->memory, "/batch") >= 1); // its answer, and what was dropped before
    assert_true(memory_count(w->memory, "/complete") <= 2);
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
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 2);
    trace_emitter_stats(w->emitter, &stats);
    assert_true(stats.dropped_expired >= 1);
    assert_int_equal(stats.dropped_expired + stats.refused, 2);
    assert_int_equal(stats.queued, 0);
    assert_true(world_told(w, &w->errors) >= 1);
    trace_step_free(step);
    trace_session_free(s);
}

static bool has_three_heartbeats(struct memory *m)
{
    return memory_count(m, "/heartbeat") >= 3;
}

static void a_write_that_does_not_pass_costs_no_heartbeat(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *step;
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_start(s, &thinking, &step), TRACE_QUEUED);
    int before = memory_count(w->memory, "/heartbeat");
    assert_true(before < 3);
    assert_true(memory_until(w->memory, has_three_heartbeats));
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    trace_step_free(step);
    trace_session_free(s);
}

static void a_reading_that_does_not_pass_is_no_lost_write(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_decision decision;
    struct trace_stats stats;
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_READS);
    const struct trace_question question = {.text = "May I?", .timeout_s = 1};
    assert_int_equal(trace_session_ask(s, &question, &decision), TRACE_AWAY);
    int lost = trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS);
    trace_emitter_stats(w->emitter, &stats);
    // The step's end may have waited too long behind a reading.
    json_t *session = world_state(w, trace_session_id(s)), *step = json_array_get(json_object_get(session, "steps"), 0);
    int open = strcmp(json_string_value(json_object_get(step, "status")), "running") == 0;
    json_decref(session);
    assert_int_equal(lost, open);
    assert_int_equal(stats.dropped_expired, open);
    assert_int_equal(world_told(w, &w->errors), open);
    trace_session_free(s);
}

static void the_queue_is_bounded(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_step *live, *open, *steps[WORLD_QUEUE];
    struct trace_stats stats;
    int taken = 0;
    world_answered(w, trace_step_start(s, &thinking, &open));
    world_answered(w, trace_step_start(s, &thinking, &live));
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(live, "text", 4), TRACE_OK);
    while (taken < WORLD_QUEUE && trace_step_start(s, &thinking, &steps[taken]) == TRACE_QUEUED)
        taken++;
    assert_int_equal(taken, WORLD_QUEUE * 3 / 4);
    trace_step_free(steps[taken]);
    // Room is left for calls that end something, and live text has given way.
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
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 3);
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
    world_answered(w, trace_step_start(s, &thinking, &live));
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    assert_int_equal(trace_step_append(live, text, WORLD_BYTES / 4), TRACE_OK);
    text[WORLD_BYTES * 5 / 8] = '\0';
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "x", .text = text}, NULL), TRACE_QUEUED);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.progress_dropped, 1);
    assert_true(stats.queued_bytes < WORLD_BYTES);
    assert_int_equal(trace_session_record(s, &(struct trace_step_spec){.type = "x", .text = text}, NULL), TRACE_FULL);
    assert_int_equal(trace_step_append(live, "more", 4), TRACE_OK); // nobody is stopped for it
    world_faults(w, WORLD_NONE);
    assert_true(trace_step_complete(live, NULL) <= TRACE_QUEUED);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 1);
    trace_step_free(live);

    // Live text that alone passes half of the bound.
    world_answered(w, trace_step_start(s, &thinking, &live));
    text[WORLD_BYTES * 5 / 8] = 'x';
    assert_int_equal(trace_step_append(live, text, WORLD_BYTES * 3 / 4), TRACE_OK);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.progress_dropped, 2);
    assert_int_equal(stats.queued_bytes, 0);
    trace_step_free(live);
    trace_session_free(s);
    free(text);
}

static void a_batch_refused_is_sent_singly(void **state)
{
    struct world *w = *state;
    struct trace_session *s = world_session(w);
    struct trace_stats stats;
    struct trace_step *bad;
    w->each = (struct memory_fault){.kind = MEMORY_DROP_BEFORE};
    world_faults(w, WORLD_ALL);
    for (int i = 0; i < 12; i++)
        assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_QUEUED);
    assert_int_equal(trace_step_start(s, &(struct trace_step_spec){.type = "not_taken"}, &bad), TRACE_QUEUED);
    assert_int_equal(trace_step_complete(bad, NULL), TRACE_QUEUED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trace_session_record(s, &thinking, NULL), TRACE_QUEUED);
    world_faults(w, WORLD_NONE);
    assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 2);
    trace_emitter_stats(w->emitter, &stats);
    assert_int_equal(stats.acknowledged, 1 + 15);
    assert_int_equal(stats.refused, 2); // the start, and its completion with it
    json_t *session = world_state(w, trace_session_id(s));
    assert_int_equal(json_array_size(json_object_get(session, "steps")), 15);
    json_decref(session);
    trace_step_free(bad);
    trace_session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_broken_server_is_not_asked_for_ever),
        WORLD_TEST_HASTY(a_claim_is_never_queued),
        cmocka_unit_test_setup_teardown(a_claim_under_way_is_waited_for, world_setup_slower, world_teardown),
        WORLD_TEST_HASTY(work_goes_on_while_the_server_is_away),
        cmocka_unit_test_setup_teardown(what_is_too_old_is_dropped_and_said, world_setup_impatient, world_teardown),
        cmocka_unit_test_setup_teardown(a_reading_that_does_not_pass_is_no_lost_write, world_setup_impatient,
                                        world_teardown),
        WORLD_TEST_HASTY(a_write_that_does_not_pass_costs_no_heartbeat),
        WORLD_TEST_HASTY(a_batch_refused_is_sent_singly),
        WORLD_TEST_HASTY(the_queue_is_bounded),
        WORLD_TEST_HASTY(bytes_are_bounded_too),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
