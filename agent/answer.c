// SPDX-License-Identifier: Apache-2.0
#include "agent/answer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/context.h"
#include "base/log.h"
#include "agent/mask.h"
#include "agent/prompt.h"
#include "agent/record.h"

#define RECONSIDERATIONS_MAX 3

// Ends the open `reconsidering` step, if there is one, with the decision that `text` shows.
static void end_reconsidering(struct run *run, const char *text)
{
    if (!run->reconsidered)
        return;
    bool is_kept = strcmp(text, json_string_value(json_object_get(run->reconsidered, "draft"))) == 0;
    json_object_set_new(run->reconsidered, "decision", json_string(is_kept ? "kept" : "rewritten"));
    json_object_set_new(run->reconsidered, "reason",
                        json_string(is_kept ? "The draft still fits after the new messages."
                                            : "The new messages called for another answer."));
    record_end(run->reconsidering, &(struct record_outcome){.content = run->reconsidered});
    json_decref(run->reconsidered);
    run->reconsidering = NULL;
    run->reconsidered = NULL;
}

bool answer_is_overtaken(struct run *run, const char *draft)
{
    context_catch_up(run);
    if (!conversation_has_news(run->conversation) || run->reconsiderations == RECONSIDERATIONS_MAX)
        return false;
    end_reconsidering(run, draft);
    run->reconsiderations++;
    json_array_append_new(run->messages, prompt_assistant(draft, NULL));
    json_t *entries = context_inject(run, prompt_draft_overtaken);
    run->reconsidered = json_pack("{s:o, s:s}", "newMessages", entries, "draft", draft);
    run->reconsidering = record_start(run->session, NULL, "reconsidering", run->reconsidered);
    return true;
}

static int judge_post(struct run *run, enum trace_result posted)
{
    struct trace_error error = {0};
    if (posted == TRACE_OK || posted == TRACE_QUEUED)
        return 0;
    if (run_is_stopped(run))
        return -1;
    (void)trace_session_error(run->session, &error);
    log_error("the answer could not be posted session=%s reason=%s status=%d code=%s detail=\"%s\"",
              trace_session_id(run->session), trace_result_name(posted), error.status, error.code, error.detail);
    return run_fail(run, "send_failed", "The answer could not be posted.");
}

// Posts the message under a step that began before it. `message_id` is the server's id, or our own while the message is
// queued.
static int post(struct run *run, const char *text, const struct answer_flaw *flaw, char message_id[64])
{
    json_t *content = json_pack("{s:s}", "text", text), *masked = NULL;
    struct trace_step *step = record_start(run->session, NULL, "message_sent", content);
    struct record_outcome outcome = {.content = content, .sources = sources_list(run->sources)};
    struct trace_message_spec message = {.content = text, .stream_id = run->stream_id};
    struct trace_source *list = record_sources(outcome.sources, &masked, &message.source_count);
    struct trace_posted posted = {0};
    int result = -1;
    message.sources = list;
    if (!run_is_stopped(run))
        result = judge_post(run, trace_session_post(run->session, &message, &posted));
    const char *id = posted.message_id[0] != '\0' ? posted.message_id : posted.client_message_id;
    memcpy(message_id, id, strlen(id) + 1);
    if (result == 0) {
        outcome.message_id = message_id;
        outcome.error_code = flaw->code;
        outcome.error_sentence = flaw->sentence;
    } else {
        run_explain(run, &outcome);
    }
    record_end(step, &outcome);
    free(list);
    json_decref(masked);
    json_decref(content);
    return result;
}

// An incomplete answer says so itself, since some people read only the message. A refusal speaks for itself.
static char *worded(const char *text, const struct answer_flaw *flaw)
{
    struct buf words = {0};
    assert(text);
    buf_str(&words, str_from(text));
    if (flaw->code && strcmp(flaw->code, "incomplete_answer") == 0)
        buf_printf(&words, "\n\n*%s*", flaw->sentence);
    char *masked = mask_string(buf_cstr(&words));
    buf_fini(&words);
    return masked;
}

int answer_send(struct run *run, const char *text, const struct answer_flaw *flaw)
{
    char *masked = worded(text, flaw), message_id[64];
    int result = -1;
    end_reconsidering(run, text);
    if (!run_is_stopped(run) && post(run, masked, flaw, message_id) == 0) {
        enum trace_result ended = trace_session_complete(run->session, message_id, run->seen_seq);
        result = ended == TRACE_OK || ended == TRACE_QUEUED ? 0 : -1;
        if (result != 0)
            log_warning("the session could not be completed session=%s reason=%s", trace_session_id(run->session),
                        trace_result_name(ended));
    }
    free(masked);
    return result;
}
