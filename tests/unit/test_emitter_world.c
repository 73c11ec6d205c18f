// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/test_emitter_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

int64_t world_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void world_on_log(void *user, enum trace_log_level level, const char *line)
{
    struct world *w = user;
    (void)line;
    pthread_mutex_lock(&w->lock);
    w->errors += level == TRACE_LOG_ERROR;
    w->warnings += level == TRACE_LOG_WARNING;
    pthread_mutex_unlock(&w->lock);
}

void world_on_ended(void *user, const char *session_id, const char *status)
{
    struct world *w = user;
    pthread_mutex_lock(&w->lock);
    snprintf(w->ended_id, sizeof w->ended_id, "%s", session_id);
    snprintf(w->ended_status, sizeof w->ended_status, "%s", status);
    w->endings++;
    pthread_mutex_unlock(&w->lock);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static struct memory_fault decide(void *user, const char *method, const char *path, int n)
{
    struct world *w = user;
    struct memory_fault fault = {0};
    (void)n;
    pthread_mutex_lock(&w->lock);
    bool aside = ends_with(path, "/heartbeat") && w->each.status != 401;
    if (w->mode == WORLD_ALL && !aside)
        fault = w->each;
    if (w->mode == WORLD_READS && strcmp(method, "GET") == 0)
        fault = w->each;
    if (w->mode == WORLD_FIRST_ATTEMPTS && !aside) {
        bool fails =
            w->each.kind == MEMORY_DROP_BEFORE || w->each.kind == MEMORY_DROP_AFTER || w->each.kind == MEMORY_ANSWER;
        if (!w->spared)
            fault = w->each;
        w->spared = fails && !w->spared;
    }
    pthread_mutex_unlock(&w->lock);
    return fault;
}

static int setup(void **state, int ack_timeout_ms, int deliver_timeout_ms)
{
    struct world *w = calloc(1, sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    w->memory = memory_new(decide, w);
    struct trace_config config = {.workspace = WORLD_WORKSPACE,
                                  .ack_timeout_ms = ack_timeout_ms,
                                  .request_timeout_ms = 1000,
                                  .deliver_timeout_ms = deliver_timeout_ms,
                                  .retry_ms = 4,
                                  .heartbeat_ms = WORLD_HEARTBEAT_MS,
                                  .progress_ms = 5,
                                  .checkpoint_ms = 20,
                                  .no_watch = true,
                                  .queue_length = WORLD_QUEUE,
                                  .queue_bytes = WORLD_BYTES,
                                  .on_log = world_on_log,
                                  .on_ended = world_on_ended,
                                  .user = w,
                                  .transport = memory_transport(w->memory)};
    w->emitter = trace_emitter_new(&config);
    *state = w;
    return w->emitter ? 0 : -1;
}

int world_setup(void **state)
{
    return setup(state, WORLD_GIVE_UP_MS, WORLD_GIVE_UP_MS);
}

int world_setup_hasty(void **state)
{
    return setup(state, WORLD_ACK_MS, WORLD_GIVE_UP_MS);
}

int world_setup_slower(void **state)
{
    return setup(state, WORLD_SLOWER_MS, WORLD_GIVE_UP_MS);
}

int world_setup_impatient(void **state)
{
    return setup(state, WORLD_ACK_MS, 250);
}

int world_teardown(void **state)
{
    struct world *w = *state;
    trace_emitter_free(w->emitter);
    int breaches = memory_breaches(w->memory);
    memory_free(w->memory);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return breaches ? -1 : 0;
}

void world_faults(struct world *w, enum world_faults mode)
{
    pthread_mutex_lock(&w->lock);
    w->mode = mode;
    w->spared = false;
    pthread_mutex_unlock(&w->lock);
}

void world_answered(struct world *w, enum trace_result result)
{
    if (result == TRACE_QUEUED)
        assert_int_equal(trace_emitter_flush(w->emitter, WORLD_GIVE_UP_MS), 0);
    else
        assert_int_equal(result, TRACE_OK);
}

struct trace_session *world_session(struct world *w)
{
    struct trace_session *s;
    struct trace_session_spec spec = {.stream_id = WORLD_STREAM, .title = "A test"};
    world_answered(w, trace_session_create(w->emitter, &spec, &s));
    return s;
}

json_t *world_state(struct world *w, const char *session_id)
{
    json_t *all = memory_state(w->memory);
    json_t *session = json_incref(json_object_get(json_object_get(all, "sessions"), session_id));
    json_decref(all);
    assert_non_null(session);
    return session;
}

void world_expect_log(struct world *w, const char *log)
{
    char *is = memory_log(w->memory);
    assert_string_equal(is, log);
    free(is);
}

int world_told(struct world *w, const int *count)
{
    pthread_mutex_lock(&w->lock);
    int n = *count;
    pthread_mutex_unlock(&w->lock);
    return n;
}

bool world_until_endings(struct world *w, int n)
{
    for (int64_t until = world_now() + WORLD_GIVE_UP_MS; world_now() < until; memory_sleep(1))
        if (world_told(w, &w->endings) >= n)
            return true;
    return false;
}
