#include "agent/answer.h"

#include <stdlib.h>
#include <string.h>

#include "agent/context.h"
#include "agent/log.h"
#include "agent/mask.h"
#include "agent/prompt.h"
#include "agent/record.h"

#define RECONSIDERATIONS_MAX 3

bool answer_is_overtaken(struct run *run, const char *draft)
{
    json_t *entries;

    context_catch_up(run);
    if (!conversation_has_news(run->conversation) || run->reconsiderations == RECONSIDERATIONS_MAX)
        return false;
    answer_end_reconsidering(run, draft);
    run->reconsiderations++;
    json_array_append_new(run->messages, prompt_assistant(draft, NULL));
    entries = context_inject(run, prompt_draft_overtaken);
    run->reconsidered = json_pack("{s:o, s:s}", "newMessages", entries, "draft", draft);
    run->reconsidering = record_start(run->session, NULL, "reconsidering", run->reconsidered);
    return true;
}

void answer_end_reconsidering(struct run *run, const char *text)
{
    struct record_outcome outcome = {.content = run->reconsidered};
    bool is_kept;

    if (run->reconsidered == NULL)
        return;
    if (text != NULL) {
        is_kept = strcmp(text, json_string_value(json_object_get(run->reconsidered, "draft"))) == 0;
        json_object_set_new(run->reconsidered, "decision", json_string(is_kept ? "kept" : "rewritten"));
        json_object_set_new(run->reconsidered, "reason",
                            json_string(is_kept ? "The draft still fits after the new messages."
                                                : "The new messages called for another answer."));
    } else {
        run_explain(run, &outcome);
    }
    record_end(run->reconsidering, &outcome);
    json_decref(run->reconsidered);
    run->reconsidering = NULL;
    run->reconsidered = NULL;
}

static int judge_post(struct run *run, enum trace_result posted)
{
    struct trace_error error = {0};

    if (posted == TRACE_OK || posted == TRACE_QUEUED)
        return 0;
    if (run_is_stopped(run))
        return -1;
    (void)trace_session_error(run->session, &error);
    log_write(LOG_ERROR, "answer not posted session=%s reason=%s status=%d code=%s detail=\"%s\"",
              trace_session_id(run->session), trace_result_name(posted), error.status, error.code, error.detail);
    return run_fail(run, "send_failed", "The answer could not be posted.");
}

/* The message, under a step that began before it. `message_id` is the server's, or ours while it is queued. */
static int post(struct run *run, const char *text, char message_id[64])
{
    json_t *content = json_pack("{s:s}", "text", text), *masked = NULL;
    struct trace_step *step = record_start(run->session, NULL, "message_sent", content);
    struct record_outcome outcome = {.content = content, .sources = sources_list(run->sources)};
    struct trace_message_spec message = {.content = text, .stream_id = run->stream_id};
    struct trace_source *list = record_sources(outcome.sources, &masked, &message.source_count);
    struct trace_posted posted = {0};
    const char *id;
    int result = -1;

    message.sources = list;
    if (!run_is_stopped(run))
        result = judge_post(run, trace_session_post(run->session, &message, &posted));
    id = posted.message_id[0] != '\0' ? posted.message_id : posted.client_message_id;
    memcpy(message_id, id, strlen(id) + 1);
    if (result == 0) {
        outcome.message_id = message_id;
    } else {
        run_explain(run, &outcome);
    }
    record_end(step, &outcome);
    free(list);
    json_decref(masked);
    json_decref(content);
    return result;
}

int answer_send(struct run *run, const char *text)
{
    char *masked = mask_string(text), message_id[64];
    int result = -1;
    enum trace_result ended;

    answer_end_reconsidering(run, text);
    if (!run_is_stopped(run) && post(run, masked, message_id) == 0) {
        ended = trace_session_complete(run->session, message_id, run->seen_seq);
        result = ended == TRACE_OK || ended == TRACE_QUEUED ? 0 : -1;
        if (result != 0)
            log_write(LOG_WARNING, "not completed session=%s reason=%s", trace_session_id(run->session),
                      trace_result_name(ended));
    }
    free(masked);
    return result;
}
