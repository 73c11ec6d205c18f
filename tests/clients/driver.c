// SPDX-License-Identifier: Apache-2.0
// Runs a scenario (drive.mjs) with the C library and prints what happened, a line an event, as driver.mjs does.
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emitter/agenttrace.h"

#define FLUSH_MS 120000

// Constant after the start.
static struct {
    struct trace_emitter *emitter;
    long sessions, steps, words, whole, pause_ms;
    bool until_ended;
} scenario;

static pthread_mutex_t saying = PTHREAD_MUTEX_INITIALIZER;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list args;
    pthread_mutex_lock(&saying);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
    pthread_mutex_unlock(&saying);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void on_log(void *user, enum trace_log_level level, const char *line)
{
    static const char *const names[] = {
        [TRACE_LOG_ERROR] = "error", [TRACE_LOG_WARNING] = "warning", [TRACE_LOG_INFO] = "info"};
    (void)user;
    say("log %s %s", names[level], line);
}

static void on_ended(void *user, const char *session_id, const char *status)
{
    (void)user;
    say("ended %s %s", session_id, status);
}

static long number(const json_t *object, const char *name)
{
    return (long)json_integer_value(json_object_get(object, name));
}

static void run_step(struct trace_session *session, long i)
{
    struct trace_step *step;
    char word[64];
    struct trace_source source = {.type = "web", .title = "Weaving", .url = "https://weaving.example/a b"};
    struct trace_usage usage = {.model = "none", .input_tokens = 3, .output_tokens = scenario.words};
    say("start %s", trace_result_name(trace_step_start(session, &(struct trace_step_spec){.type = "thinking"}, &step)));
    say("step %s %s", trace_session_id(session), trace_step_id(step));
    for (long k = 0; k < scenario.words; k++) {
        snprintf(word, sizeof word, "%ld.%ld \xF0\x9F\xA7\xB5 ", i, k);
        trace_step_append(step, word, strlen(word));
        pause_ms(scenario.pause_ms);
    }
    struct trace_step_spec nested = {.type = "tool_call", .parent = step, .content_json = "{\"tool\":\"loom\"}"};
    trace_session_record(session, &nested, &(struct trace_outcome){.sources = &source, .source_count = 1});
    trace_step_complete(step, &(struct trace_outcome){.usage = &usage});
    trace_step_free(step);
}

static void *run_session(void *arg)
{
    struct trace_session *session;
    char text[32];
    (void)arg;
    enum trace_result result =
        trace_session_create(scenario.emitter, &(struct trace_session_spec){.title = "Scenario"}, &session);
    if (result > TRACE_QUEUED)
        say("refused %s", trace_result_name(result));
    say("session %s", trace_session_id(session));
    for (long i = 0; i < scenario.steps; i++)
        run_step(session, i);
    for (long i = 0; i < scenario.whole; i++) {
        snprintf(text, sizeof text, "whole %ld", i);
        trace_session_record(session, &(struct trace_step_spec){.type = "thinking", .text = text}, NULL);
    }
    while (scenario.until_ended && !trace_session_ended(session))
        pause_ms(10);
    if (!scenario.until_ended)
        say("complete %s", trace_result_name(trace_session_complete(session, NULL, 0)));
    trace_session_free(session);
    return NULL;
}

static void say_end(void)
{
    struct trace_stats s;
    int lost = trace_emitter_flush(scenario.emitter, FLUSH_MS);
    trace_emitter_stats(scenario.emitter, &s);
    say("flush {\"delivered\":%s,\"waiting\":%llu,\"lost\":%d}", lost == 0 ? "true" : "false",
        (unsigned long long)s.queued, lost);
    say("stats {\"acknowledged\":%llu,\"repeated\":%llu,\"refused\":%llu,\"droppedFull\":%llu,\"droppedExpired\":%llu,"
        "\"droppedEnded\":%llu,\"progressSent\":%llu,\"progressMerged\":%llu,\"progressFailed\":%llu,\"queued\":%llu}",
        (unsigned long long)s.acknowledged, (unsigned long long)s.repeated, (unsigned long long)s.refused,
        (unsigned long long)s.dropped_full, (unsigned long long)s.dropped_expired, (unsigned long long)s.dropped_ended,
        (unsigned long long)s.progress_sent, (unsigned long long)s.progress_merged,
        (unsigned long long)s.progress_failed, (unsigned long long)s.queued);
}

static struct trace_emitter *make_emitter(const json_t *set)
{
    long ack_ms = number(set, "ackTimeoutMs");
    struct trace_config config = {.url = getenv("TRACE_URL"),
                                  .workspace = getenv("TRACE_WORKSPACE"),
                                  .token = getenv("TRACE_TOKEN"),
                                  // 0 means not at all to a scenario, and the default to the library.
                                  .ack_timeout_ms = ack_ms ? (int)ack_ms : -1,
                                  .request_timeout_ms = (int)number(set, "requestTimeoutMs"),
                                  .heartbeat_ms = (int)number(set, "heartbeatMs"),
                                  .queue_length = (size_t)number(set, "queueLength"),
                                  .on_log = on_log,
                                  .on_ended = on_ended};
    return trace_emitter_new(&config);
}

int main(int argc, char **argv)
{
    json_t *root = argc == 2 ? json_loads(argv[1], 0, NULL) : NULL;
    const char *until = json_string_value(json_object_get(root, "until"));
    scenario.sessions = number(root, "sessions");
    scenario.steps = number(root, "steps");
    scenario.words = number(root, "words");
    scenario.whole = number(root, "whole");
    scenario.pause_ms = number(root, "pauseMs");
    scenario.until_ended = until && strcmp(until, "ended") == 0;
    scenario.emitter = make_emitter(json_object_get(root, "config"));
    if (!root || scenario.sessions < 1 || !scenario.emitter)
        return 2;
    pthread_t *threads = calloc((size_t)scenario.sessions, sizeof *threads);
    if (!threads)
        abort();
    for (long i = 0; i < scenario.sessions; i++)
        if (pthread_create(&threads[i], NULL, run_session, NULL) != 0)
            abort();
    for (long i = 0; i < scenario.sessions; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    say_end();
    trace_emitter_free(scenario.emitter);
    json_decref(root);
    return 0;
}
