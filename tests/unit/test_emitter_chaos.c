// SPDX-License-Identifier: Apache-2.0
// Random faults under several sessions and threads: nothing lost, nothing doubled, nothing out of order; and the watch.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/test_emitter_world.h"

#define SESSIONS 4
#define STEPS 12

struct chaos {
    pthread_mutex_t lock;
    uint32_t random;
    int one_in; // requests that go wrong; 0: none
};

static uint32_t next_random(struct chaos *c)
{
    c->random = c->random * 1664525u + 1013904223u;
    return c->random >> 8;
}

static struct memory_fault at_random(void *user, const char *method, const char *path, int n)
{
    (void)method;
    struct chaos *c = user;
    static const struct memory_fault faults[] = {
        {.kind = MEMORY_DROP_BEFORE},
        {.kind = MEMORY_DROP_AFTER},
        {.kind = MEMORY_DUPLICATE},
        {.kind = MEMORY_FINE, .delay_ms = 4},
        {.kind = MEMORY_DROP_AFTER, .delay_ms = 6},
        {.kind = MEMORY_ANSWER, .status = 503, .retry_after_ms = 5},
        {.kind = MEMORY_LATE, .delay_ms = 8},
        {.kind = MEMORY_ANSWER, .status = 429},
        {.kind = MEMORY_ANSWER, .status = 502, .delay_ms = 3},
    };
    struct memory_fault fault = {0};
    bool progress = strstr(path, "/progress") != NULL;
    (void)n;
    pthread_mutex_lock(&c->lock);
    if (c->one_in && next_random(c) % (uint32_t)c->one_in == 0)
        fault = faults[next_random(c) % (sizeof faults / sizeof faults[0])];
    // The pusher drops late text by its stamp. The model has no stamps, so text is lost rather than late.
    if (progress && fault.kind == MEMORY_LATE)
        fault.kind = MEMORY_DROP_BEFORE;
    pthread_mutex_unlock(&c->lock);
    return fault;
}

struct agent {
    pthread_t thread;
    struct trace_session *session;
    char step_ids[STEPS][TRACE_ID_SIZE];
    int bad;
};

static bool is_taken(enum trace_result result)
{
    return result == TRACE_OK || result == TRACE_QUEUED;
}

// A run of an agent: streamed steps with a nested one each, a message, an end.
static void *run_agent(void *arg)
{
    struct agent *a = arg;
    struct trace_posted posted;
    char text[32];
    for (int i = 0; i < STEPS; i++) {
        struct trace_step *step;
        a->bad += !is_taken(trace_step_start(a->session, &(struct trace_step_spec){.type = "thinking"}, &step));
        snprintf(a->step_ids[i], TRACE_ID_SIZE, "%s", trace_step_id(step));
        for (int k = 0; k < 20; k++) {
            snprintf(text, sizeof text, "%d.%d \xF0\x9F\xA7\xB5", i, k);
            a->bad += trace_step_append(step, text, strlen(text)) != TRACE_OK;
            if (k % 7 == 0)
                memory_sleep(1);
        }
        struct trace_step_spec nested = {.type = "tool_call", .parent = step, .text = "done"};
        a->bad += !is_taken(trace_session_record(a->session, &nested, NULL));
        a->bad += !is_taken(trace_step_complete(step, NULL));
        trace_step_free(step);
    }
    a->bad += !is_taken(trace_session_post(a->session, &(struct trace_message_spec){.content = "x"}, &posted));
    a->bad += !is_taken(trace_session_complete(a->session, posted.client_message_id, 0));
    return NULL;
}

static void expect_text(const json_t *step, int i)
{
    char all[20 * 32] = "", text[32];
    size_t n = 0;
    for (int k = 0; k < 20; k++) {
        snprintf(text, sizeof text, "%d.%d \xF0\x9F\xA7\xB5", i, k);
        memcpy(all + n, text, strlen(text) + 1);
        n += strlen(text);
    }
    assert_string_equal(json_string_value(json_object_get(step, "content")), all);
}

static void expect_whole(struct memory *m, const struct agent *a)
{
    json_t *all = memory_state(m), *messages = json_object_get(all, "messages");
    json_t *session = json_object_get(json_object_get(all, "sessions"), trace_session_id(a->session));
    json_t *steps = json_object_get(session, "steps");
    assert_string_equal(json_string_value(json_object_get(session, "status")), "completed");
    assert_int_equal(json_array_size(messages), SESSIONS);
    assert_int_equal(json_array_size(steps), 2 * STEPS);
    for (int i = 0; i < STEPS; i++) {
        json_t *step = json_array_get(steps, (size_t)(2 * i)), *nested = json_array_get(steps, (size_t)(2 * i + 1));
        assert_string_equal(json_string_value(json_object_get(step, "id")), a->step_ids[i]);
        assert_string_equal(json_string_value(json_object_get(step, "status")), "completed");
        assert_string_equal(json_string_value(json_object_get(nested, "parentStepId")), a->step_ids[i]);
        assert_int_equal(json_integer_value(json_object_get(step, "holes")), 0);
        expect_text(step, i);
    }
    json_decref(all);
}

static void quiet(void *user, enum trace_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static void run_seed(uint32_t seed)
{
    struct chaos chaos = {.random = seed, .one_in = 3};
    struct agent agents[SESSIONS] = {0};
    pthread_mutex_init(&chaos.lock, NULL);
    struct memory *m = memory_new(at_random, &chaos);
    struct trace_config config = {.workspace = WORLD_WORKSPACE,
                                  .ack_timeout_ms = 50,
                                  .request_timeout_ms = 500,
                                  .retry_ms = 1,
                                  .heartbeat_ms = 10,
                                  .progress_ms = 1,
                                  .checkpoint_ms = 5,
                                  .connections = 2,
                                  .on_log = quiet,
                                  .transport = memory_transport(m)};
    struct trace_emitter *em = trace_emitter_new(&config);
    for (int i = 0; i < SESSIONS; i++) {
        struct trace_session_spec spec = {.stream_id = WORLD_STREAM};
        assert_true(is_taken(trace_session_create(em, &spec, &agents[i].session)));
        assert_int_equal(pthread_create(&agents[i].thread, NULL, run_agent, &agents[i]), 0);
    }
    for (int i = 0; i < SESSIONS; i++)
        pthread_join(agents[i].thread, NULL);
    assert_int_equal(trace_emitter_flush(em, WORLD_GIVE_UP_MS), 0);
    struct trace_stats stats;
    trace_emitter_stats(em, &stats);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.queued_bytes, 0);
    assert_int_equal(stats.acknowledged, SESSIONS * (3 * STEPS + 3));
    for (int i = 0; i < SESSIONS; i++) {
        assert_int_equal(agents[i].bad, 0);
        expect_whole(m, &agents[i]);
        trace_session_free(agents[i].session);
    }
    trace_emitter_free(em);
    assert_int_equal(memory_breaches(m), 0);
    memory_free(m);
    pthread_mutex_destroy(&chaos.lock);
}

static void nothing_lost_nothing_doubled(void **state)
{
    (void)state;
    const char *only = getenv("SEED");
    if (only) {
        run_seed((uint32_t)strtoul(only, NULL, 10));
        return;
    }
    for (uint32_t seed = 1; seed <= 2; seed++) {
        print_message("# seed %u\n", seed);
        run_seed(seed);
    }
}

// Several threads use one session and one step.
struct crowd {
    struct trace_session *session;
    struct trace_step *step;
};

static void *join_in(void *arg)
{
    struct crowd *c = arg;
    int bad = 0;
    for (int i = 0; i < 50; i++) {
        bad += trace_step_append(c->step, "x", 1) != TRACE_OK;
        bad +=
            i % 10 == 0 && trace_session_record(c->session, &(struct trace_step_spec){.type = "t"}, NULL) != TRACE_OK;
    }
    return bad ? c : NULL;
}

static void one_step_for_many_threads(void **state)
{
    struct world *w = *state;
    struct crowd crowd = {.session = world_session(w)};
    pthread_t threads[4];
    assert_int_equal(trace_step_start(crowd.session, &(struct trace_step_spec){.type = "thinking"}, &crowd.step),
                     TRACE_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, join_in, &crowd), 0);
    for (int i = 0; i < 4; i++) {
        void *bad;
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    assert_int_equal(trace_step_complete(crowd.step, NULL), TRACE_OK);
    json_t *session = world_state(w, trace_session_id(crowd.session)), *steps = json_object_get(session, "steps");
    assert_int_equal(json_array_size(steps), 21);
    assert_int_equal(json_string_length(json_object_get(json_array_get(steps, 0), "content")), 200);
    json_decref(session);
    trace_step_free(crowd.step);
    trace_session_free(crowd.session);
}

// The heartbeat is far away, so that only the watch can bring the news.
static struct trace_emitter *watching(struct world *w)
{
    struct trace_config config = {.workspace = WORLD_WORKSPACE,
                                  .heartbeat_ms = 60000,
                                  .retry_ms = 1,
                                  .on_log = world_on_log,
                                  .on_ended = world_on_ended,
                                  .user = w,
                                  .transport = memory_transport(w->memory)};
    trace_emitter_free(w->emitter);
    return w->emitter = trace_emitter_new(&config);
}

static bool has_stream(struct memory *m)
{
    return memory_streams(m) == 1;
}

static bool has_second_stream(struct memory *m)
{
    return memory_streams_begun(m) == 2 && memory_streams(m) == 1;
}

static bool has_no_stream(struct memory *m)
{
    return memory_streams(m) == 0;
}

static bool has_heartbeat(struct memory *m)
{
    return memory_count(m, "/heartbeat") == 1;
}

static bool has_read_all(struct memory *m)
{
    return memory_stream_is_read(m);
}

static void the_watch_brings_the_end(void **state)
{
    struct world *w = *state;
    assert_non_null(watching(w));
    struct trace_session *s = world_session(w);
    assert_true(memory_until(w->memory, has_stream));
    assert_int_equal(memory_count(w->memory, "/heartbeat"), 0);
    memory_stream_bytes(w->memory, "retry: 10\n\nevent: ready\ndata: {}\n\n");
    assert_true(memory_until(w->memory, has_heartbeat)); // what was before "ready" is asked for
    memory_stream_bytes(w->memory, "event: ping\ndata: {}\n\nevent: agent_session:step:completed\ndata: {}\n\n");
    memory_end_session(w->memory, trace_session_id(s), "cancelled");
    memory_stream_bytes(w->memory, "id: 7\nevent: agent_session:can");
    assert_true(memory_until(w->memory, has_read_all));
    // Neither the ping nor somebody's step was a reason to ask, nor is the half of an event's name.
    assert_int_equal(memory_count(w->memory, "/heartbeat"), 1);
    assert_int_equal(world_told(w, &w->endings), 0);
    memory_stream_bytes(w->memory, "celled\r\ndata: {}\n\n");
    assert_true(world_until_endings(w, 1));
    assert_string_equal(w->ended_status, "cancelled");
    assert_true(memory_until(w->memory, has_no_stream));
    trace_session_free(s);
}

static void the_watch_comes_back(void **state)
{
    struct world *w = *state;
    assert_non_null(watching(w));
    struct trace_session *s = world_session(w);
    assert_true(memory_until(w->memory, has_stream));
    memory_stream_end(w->memory, 503);
    assert_true(memory_until(w->memory, has_second_stream));
    assert_int_equal(memory_count(w->memory, "/heartbeat"), 0);
    memory_stream_end(w->memory, 204);
    assert_true(memory_until(w->memory, has_heartbeat));
    trace_session_free(s);
    assert_true(memory_until(w->memory, has_no_stream));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_lost_nothing_doubled),
        cmocka_unit_test_setup_teardown(one_step_for_many_threads, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(the_watch_brings_the_end, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(the_watch_comes_back, world_setup, world_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
