// SPDX-License-Identifier: Apache-2.0
#include "agent/loop.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/answer.h"
#include "base/clock.h"
#include "agent/context.h"
#include "agent/lent.h"
#include "agent/mask.h"
#include "agent/model/finish.h"
#include "base/log.h"
#include "agent/run.h"
#include "agent/thought.h"
#include "agent/tools.h"
#include "agent/toolwork.h"
#include "base/buf.h"

#define ROUNDS_MAX 20

static void trim(struct buf *text)
{
    size_t blanks = 0;
    while (text->n > 0 && isspace((unsigned char)text->p[text->n - 1]))
        text->n--;
    while (blanks < text->n && isspace((unsigned char)text->p[blanks]))
        blanks++;
    memmove(text->p, text->p + blanks, text->n - blanks);
    text->n -= blanks;
}

// Writes the text to be posted, and its flaw. A refusal is the model's word, not an answer.
static void draft_of(struct reply *reply, struct buf *draft, struct answer_flaw *flaw)
{
    struct buf unknown = {0};
    const char *shortfall = finish_shortfall(reply->finish_reason, &unknown);
    buf_str(draft, buf_view(&reply->content));
    buf_char(draft, ' ');
    trim(draft);
    if (draft->n == 0) {
        buf_lit(draft, "The model declined to answer: ");
        buf_str(draft, buf_view(&reply->refusal));
        *flaw = (struct answer_flaw){.code = "model_refusal"};
        (void)snprintf(flaw->sentence, sizeof flaw->sentence, "The model declined to answer.");
    } else if (shortfall) {
        *flaw = (struct answer_flaw){.code = "incomplete_answer"};
        char *masked = mask_string(shortfall);
        (void)snprintf(flaw->sentence, sizeof flaw->sentence, "This answer is incomplete: %s.", masked);
        free(masked);
    }
    buf_fini(&unknown);
}

// Reads what people wrote while the tools ran, before the model thinks on, including what the subscription has yet to
// bring.
static void read_news(struct run *run)
{
    context_catch_up(run);
    json_decref(context_inject(run, NULL));
}

enum turn { TURN_MORE, TURN_ANSWERED, TURN_FAILED };

// In the last turn a draft is posted whether it was overtaken or not: later messages are left to a session of their
// own.
static enum turn take_turn(struct run *run, bool is_last)
{
    enum turn result = TURN_FAILED;
    struct answer_flaw flaw = {0};
    struct buf draft = {0};
    struct reply reply;
    if (thought_have(run, &reply) != 0)
        goto out;
    sources_add(run->sources, reply.sources);
    if (reply.calls.count > 0) {
        toolwork_do(run, &reply);
        result = TURN_MORE;
        goto out;
    }
    draft_of(&reply, &draft, &flaw);
    if (!is_last && answer_is_overtaken(run, buf_cstr(&draft)))
        result = TURN_MORE;
    else if (answer_send(run, buf_cstr(&draft), &flaw) == 0)
        result = TURN_ANSWERED;
out:
    buf_fini(&draft);
    reply_fini(&reply);
    return result;
}

static bool take_turns(struct run *run)
{
    enum turn turn = TURN_MORE;
    for (int round = 0; round < ROUNDS_MAX && turn == TURN_MORE && !run_is_stopped(run); round++) {
        if (round > 0)
            read_news(run);
        turn = take_turn(run, round == ROUNDS_MAX - 1);
    }
    if (turn == TURN_MORE && !run_is_stopped(run))
        (void)run_fail(run, "tool_limit", "The agent gave up after 20 rounds.");
    return turn == TURN_ANSWERED;
}

void loop_work(const struct settings *settings, struct habits *habits, struct catalog *catalog,
               struct trace_session *session, struct http *http, const atomic_bool *is_closing)
{
    int64_t began_ms = clock_mono_ms();
    struct run *run = run_new(settings, habits, catalog, session, http);
    bool is_answered = false;
    if (!run->stream_id)
        (void)run_fail(run, "context_error", "The session belongs to no conversation.");
    else if (context_open(run) == 0) {
        lent_offer(run);
        is_answered = take_turns(run);
    }
    if (!is_answered)
        run_end_badly(run, *is_closing);
    log_info("session over id=%s error=%s ms=%lld", trace_session_id(session),
             is_answered       ? "none"
             : run->error_code ? run->error_code
                               : "stopped",
             (long long)(clock_mono_ms() - began_ms));
    run_free(run);
}
