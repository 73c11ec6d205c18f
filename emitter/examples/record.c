// SPDX-License-Identifier: Apache-2.0
// One thought and one answer; reads TRACE_URL TRACE_WORKSPACE TRACE_TOKEN TRACE_STREAM.
#include <agenttrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int missing(void)
{
    static const char *const names[] = {"TRACE_URL", "TRACE_WORKSPACE", "TRACE_TOKEN", "TRACE_STREAM"};
    int n = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!getenv(names[i]) && ++n)
            fprintf(stderr, "%s is not set, or not exported\n", names[i]);
    return n;
}

int main(void)
{
    if (missing())
        return 2;
    struct trace_config config = {
        .url = getenv("TRACE_URL"), .workspace = getenv("TRACE_WORKSPACE"), .token = getenv("TRACE_TOKEN")};
    struct trace_emitter *emitter = trace_emitter_new(&config);
    if (!emitter)
        return 1;
    struct trace_session *session;
    struct trace_session_spec about = {.stream_id = getenv("TRACE_STREAM"), .title = "Counting"};
    enum trace_result created = trace_session_create(emitter, &about, &session);
    if (created == TRACE_OK || created == TRACE_QUEUED) {
        struct trace_step *step;
        if (trace_step_start(session, &(struct trace_step_spec){.type = "thinking"}, &step) > TRACE_QUEUED)
            fprintf(stderr, "not recorded, but the work goes on\n");
        for (int i = 1; i <= 20 && !trace_session_ended(session); i++, usleep(100000)) {
            char word[16];
            snprintf(word, sizeof word, "%d … ", i);
            trace_step_append(step, word, strlen(word));
        }
        trace_step_complete(step, NULL);
        struct trace_posted answer = {.client_message_id = ""};
        if (trace_session_post(session, &(struct trace_message_spec){.content = "Twenty."}, &answer) <= TRACE_QUEUED)
            trace_session_record(session, &(struct trace_step_spec){.type = "message_sent", .text = "Twenty."},
                                 &(struct trace_outcome){.message_id = answer.client_message_id});
        trace_session_complete(session, answer.client_message_id, 0);
        trace_step_free(step);
    }
    int late = trace_emitter_flush(emitter, 10000);
    printf("%s %s\n", trace_session_id(session), late ? "not all delivered" : "delivered");
    trace_session_free(session);
    trace_emitter_free(emitter);
    return late ? 1 : 0;
}
