// SPDX-License-Identifier: Apache-2.0
// What the tests of the emitter over HTTP run: reads TRACE_URL TRACE_WORKSPACE TRACE_TOKEN.
// emitter_driver run STEPS STREAM…   a session in each stream, all at once; says what it recorded, and the counters
// emitter_driver stream STREAM       a thought that goes on until it is killed
// emitter_driver wait STREAM         a session that does nothing until somebody ends it; says when and how
// emitter_driver ask STREAM SECONDS  a session that asks a person; says what was decided
// TRACE_ACK_MS, TRACE_REQUEST_MS, TRACE_CA_FILE: the configuration's. One line an event; see say().
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emitter/agenttrace.h"

#define WORDS 40

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
    (void)user;
    say("log %d %s", (int)level, line);
}

static void on_ended(void *user, const char *session_id, const char *status)
{
    (void)user;
    say("ended %s %s", session_id, status);
}

static int number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? (int)strtol(text, NULL, 10) : 0;
}

static struct trace_emitter *make_emitter(void)
{
    struct trace_config config = {.url = getenv("TRACE_URL"),
                                  .workspace = getenv("TRACE_WORKSPACE"),
                                  .token = getenv("TRACE_TOKEN"),
                                  .ca_file = getenv("TRACE_CA_FILE"),
                                  .ack_timeout_ms = number_of("TRACE_ACK_MS"),
                                  .request_timeout_ms = number_of("TRACE_REQUEST_MS"),
                                  .on_log = on_log,
                                  .on_ended = on_ended};
    return trace_emitter_new(&config);
}

struct run {
    pthread_t thread;
    struct trace_emitter *emitter;
    const char *stream_id;
    int steps;
};

static void run_step(struct trace_session *session, int i)
{
    struct trace_step *step;
    char word[48];
    struct trace_source source = {.type = "web", .title = "Weaving", .url = "https://weaving.example/a b"};
    struct trace_usage usage = {.model = "none", .input_tokens = 3, .output_tokens = WORDS};
    say("start %s", trace_result_name(trace_step_start(session, &(struct trace_step_spec){.type = "thinking"}, &step)));
    say("step %s %s", trace_session_id(session), trace_step_id(step));
    for (int k = 0; k < WORDS; k++) {
        snprintf(word, sizeof word, "%d.%d \xF0\x9F\xA7\xB5 ", i, k);
        trace_step_append(step, word, strlen(word));
        pause_ms(5);
    }
    struct trace_step_spec nested = {.type = "tool_call", .parent = step, .content_json = "{\"tool\":\"loom\"}"};
    trace_session_record(session, &nested, &(struct trace_outcome){.sources = &source, .source_count = 1});
    trace_step_complete(step, &(struct trace_outcome){.usage = &usage});
    trace_step_free(step);
}

static void *run_session(void *arg)
{
    struct run *run = arg;
    struct trace_session *session;
    struct trace_posted posted;
    struct trace_session_spec spec = {.stream_id = run->stream_id, .title = "Driven"};
    enum trace_result result = trace_session_create(run->emitter, &spec, &session);
    say("session %s %s", trace_session_id(session), trace_result_name(result));
    for (int i = 0; i < run->steps; i++)
        run_step(session, i);
    result = trace_session_post(session, &(struct trace_message_spec){.content = "Done."}, &posted);
    say("post %s", trace_result_name(result));
    trace_session_record(session, &(struct trace_step_spec){.type = "message_sent", .text = "Done."},
                         &(struct trace_outcome){.message_id = posted.client_message_id});
    say("complete %s", trace_result_name(trace_session_complete(session, posted.client_message_id, 0)));
    trace_session_free(session);
    return NULL;
}

static int run_all(struct trace_emitter *emitter, int steps, char **streams, int n)
{
    struct trace_stats s;
    struct run *runs = calloc((size_t)n, sizeof *runs);
    if (!runs)
        abort();
    for (int i = 0; i < n; i++) {
        runs[i] = (struct run){.emitter = emitter, .stream_id = streams[i], .steps = steps};
        if (pthread_create(&runs[i].thread, NULL, run_session, &runs[i]) != 0)
            abort();
    }
    for (int i = 0; i < n; i++)
        pthread_join(runs[i].thread, NULL);
    free(runs);
    int late = trace_emitter_flush(emitter, 60000);
    trace_emitter_stats(emitter, &s);
    say("stats {\"acknowledged\":%llu,\"repeated\":%llu,\"refused\":%llu,\"dropped\":%llu,\"progressSent\":%llu,"
        "\"progressMerged\":%llu,\"progressFailed\":%llu,\"queued\":%llu}",
        (unsigned long long)s.acknowledged, (unsigned long long)s.repeated, (unsigned long long)s.refused,
        (unsigned long long)(s.dropped_full + s.dropped_expired + s.dropped_ended), (unsigned long long)s.progress_sent,
        (unsigned long long)s.progress_merged, (unsigned long long)s.progress_failed, (unsigned long long)s.queued);
    return late ? 1 : 0;
}

// A word every 5 ms, for half a minute at most.
static int stream(struct trace_emitter *emitter, const char *stream_id)
{
    struct trace_session *session;
    struct trace_step *step;
    char word[48];
    enum trace_result result =
        trace_session_create(emitter, &(struct trace_session_spec){.stream_id = stream_id}, &session);
    say("session %s %s", trace_session_id(session), trace_result_name(result));
    result = trace_step_start(session, &(struct trace_step_spec){.type = "thinking"}, &step);
    say("step %s %s", trace_session_id(session), trace_step_id(step));
    for (int k = 0; k < 6000 && result == TRACE_OK; k++) {
        snprintf(word, sizeof word, "0.%d \xF0\x9F\xA7\xB5 ", k);
        trace_step_append(step, word, strlen(word));
        pause_ms(5);
    }
    trace_step_free(step);
    trace_session_free(session);
    return 1;
}

static int wait_for_end(struct trace_emitter *emitter, const char *stream_id)
{
    struct trace_session *session;
    enum trace_result result =
        trace_session_create(emitter, &(struct trace_session_spec){.stream_id = stream_id}, &session);
    say("session %s %s", trace_session_id(session), trace_result_name(result));
    for (int i = 0; i < 3000 && !trace_session_ended(session); i++)
        pause_ms(10);
    int status = trace_session_ended(session) ? 0 : 1;
    trace_session_free(session);
    return status;
}

static int ask(struct trace_emitter *emitter, const char *stream_id, const char *seconds)
{
    static const struct trace_option options[] = {{.id = "yes", .label = "Yes"},
                                                  {.id = "no", .label = "No", .danger = true}};
    struct trace_session *session;
    struct trace_decision decision;
    enum trace_result result =
        trace_session_create(emitter, &(struct trace_session_spec){.stream_id = stream_id}, &session);
    say("session %s %s", trace_session_id(session), trace_result_name(result));
    result = trace_session_ask(session,
                               &(struct trace_question){.text = "Shall I \"go\" on?",
                                                        .options = options,
                                                        .option_count = 2,
                                                        .timeout_s = (int)strtol(seconds, NULL, 10)},
                               &decision);
    say("answer %s %s %s %s", trace_result_name(result), decision.option, decision.decided_by, decision.note);
    (void)trace_session_complete(session, NULL, 0);
    trace_session_free(session);
    return trace_emitter_flush(emitter, 30000) ? 1 : 0;
}

int main(int argc, char **argv)
{
    int status = 2;
    struct trace_emitter *emitter = make_emitter();
    if (emitter && argc > 3 && strcmp(argv[1], "run") == 0)
        status = run_all(emitter, (int)strtol(argv[2], NULL, 10), argv + 3, argc - 3);
    else if (emitter && argc == 3 && strcmp(argv[1], "stream") == 0)
        status = stream(emitter, argv[2]);
    else if (emitter && argc == 3 && strcmp(argv[1], "wait") == 0)
        status = wait_for_end(emitter, argv[2]);
    else if (emitter && argc == 4 && strcmp(argv[1], "ask") == 0)
        status = ask(emitter, argv[2], argv[3]);
    trace_emitter_free(emitter);
    return status;
}
