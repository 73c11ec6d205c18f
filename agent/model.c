// SPDX-License-Identifier: Apache-2.0
#include "agent/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/mask.h"
#include "agent/model/budget.h"
#include "agent/model/finish.h"
#include "agent/model/request.h"
#include "agent/model/verdict.h"
#include "base/log.h"

#define FEWEST_TOKENS 100 // a context that is refused is halved down to this

static enum model_end fail(struct model_failure *failure, enum model_end end, const char *sentence, const char *details)
{
    char *masked = mask_string(sentence); // it may repeat a word of the server
    (void)snprintf(failure->sentence, sizeof failure->sentence, "%s", masked);
    (void)snprintf(failure->details, sizeof failure->details, "%.*s", (int)sizeof failure->details - 1, details);
    free(masked);
    return end;
}

static struct verdict_scene scene_of(const struct exchange *x)
{
    return (struct verdict_scene){.model = x->config->name, .url = x->config->url, .secret = x->config->key};
}

// Before anything is read into the server's words: they may be our own, or what people said.
static void forget_request(struct exchange *x)
{
    char *said = json_dumps(x->body, JSON_COMPACT);
    verdict_forget(&x->trouble, str_from(said));
    free(said);
}

// A refused context is halved, as long as that leaves something.
static enum model_end shorten(const struct exchange *x)
{
    struct habits *habits = x->config->habits;
    int64_t tokens = budget_tokens(x->sent, habits_bytes_per_kilotoken(habits)) / 2;
    if (tokens < FEWEST_TOKENS)
        return MODEL_REFUSED;
    habits->context_tokens = tokens;
    log_info("the model's context is smaller than what was sent tokens=%lld", (long long)tokens);
    return MODEL_CHANGED;
}

static enum model_end judge_trouble(struct exchange *x, struct model_failure *failure)
{
    static const enum model_end ends[] = {[REMEDY_NONE] = MODEL_REFUSED,
                                          [REMEDY_AGAIN] = MODEL_AGAIN,
                                          [REMEDY_TWICE] = MODEL_TWICE,
                                          [REMEDY_WAIT] = MODEL_LOADING,
                                          [REMEDY_SHORTEN] = MODEL_REFUSED};
    const struct verdict_scene scene = scene_of(x);
    forget_request(x);
    enum habit habit = verdict_habit(&x->trouble, x->config->habits, json_array_size(x->tools) > 0);
    struct verdict verdict;
    struct buf code = {0}, words = {0};
    verdict_of(&x->trouble, &scene, &verdict);
    verdict_mask(x->trouble.code[0] != '\0' ? x->trouble.code : x->trouble.type, &scene, 40, &code);
    (void)snprintf(failure->sentence, sizeof failure->sentence, "%s", verdict.sentence);
    (void)snprintf(failure->details, sizeof failure->details, "status=%ld code=%s words=%zu bytes", x->trouble.status,
                   code.n > 0 ? buf_cstr(&code) : "none", strlen(x->trouble.words));
    verdict_mask(x->trouble.words, &scene, 400, &words);
    log_debug("the model's server answered with an error words=\"%s\"", buf_cstr(&words));
    enum model_end end = ends[verdict.remedy];
    if (failure->wait_ms == 0)
        failure->wait_ms = verdict_wait_ms(&x->trouble);
    if (habit != HABIT__MAX && habits_learn(x->config->habits, habit)) {
        log_info("the model's server %s", habits_name(habit));
        end = MODEL_CHANGED;
    } else if (verdict.remedy == REMEDY_SHORTEN) {
        end = shorten(x);
    }
    buf_fini(&code);
    buf_fini(&words);
    return end;
}

static enum model_end judge_status(struct exchange *x, const struct http_reply *http, struct model_failure *failure)
{
    failure->wait_ms = http->retry_after_ms;
    reply_take_refusal(x->reply, buf_view(&x->whole), &x->trouble);
    x->trouble.status = http->status;
    return judge_trouble(x, failure);
}

// What a server answers that is neither a stream nor an error nor a completion.
static enum model_end judge_stranger(struct exchange *x, struct model_failure *failure)
{
    struct buf words = {0}, sentence = {0};
    const struct verdict_scene scene = scene_of(x);
    forget_request(x);
    verdict_mask(x->trouble.words, &scene, 200, &words);
    buf_lit(&sentence, "What answered is not a chat API: check TRACE_MODEL_URL.");
    if (words.n > 0)
        buf_printf(&sentence, " It says: %s", buf_cstr(&words));
    enum model_end end = fail(failure, MODEL_REFUSED, buf_cstr(&sentence), "no completion in the reply");
    buf_fini(&words);
    buf_fini(&sentence);
    return end;
}

static enum model_end judge_end(const struct exchange *x, const struct http_reply *http, struct model_failure *failure)
{
    static const struct {
        enum model_end end;
        const char *sentence;
    } ends[HTTP_END__MAX] = {
        [HTTP_UNREACHABLE] = {MODEL_AGAIN, "The model cannot be reached: check TRACE_MODEL_URL and its server."},
        [HTTP_STALLED] = {MODEL_AGAIN, "The model went silent."},
        [HTTP_TOO_LARGE] = {MODEL_REFUSED, "The model's answer was too large."},
        [HTTP_STOPPED] = {MODEL_REFUSED, "The model's answer was too large."},
        [HTTP_BAD_URL] = {MODEL_REFUSED, "The model's address is not a URL: check TRACE_MODEL_URL."},
    };
    if (ends[http->end].sentence)
        return fail(failure, ends[http->end].end, ends[http->end].sentence, http->error);
    if (x->reply->skipped > 0)
        return fail(failure, MODEL_AGAIN, "The model sent something that is not JSON.", "events that cannot be read");
    return fail(failure, MODEL_AGAIN, "The model's answer was cut off.",
                http->error[0] != '\0' ? http->error : "the stream ended without a reason or [DONE]");
}

// The reply is whole; it may still be none.
static enum model_end judge_reply(struct exchange *x, struct model_failure *failure)
{
    struct reply *reply = x->reply;
    bool knows_tools = !habits_have(x->config->habits, HABIT_NO_TOOLS);
    if (reply->calls.count > 0 && habits_learn(x->config->habits, HABIT_SENDS_CALLS))
        log_debug("the model's server %s", habits_name(HABIT_SENDS_CALLS));
    if (reply_settle(reply, x->tools, knows_tools && habits_have(x->config->habits, HABIT_SENDS_CALLS)) ==
        WRITTEN_MIXED)
        return fail(failure, MODEL_TWICE,
                    "The model wrote a tool call as text: its server does not parse tool calls. Start it with a parser "
                    "for them, choose another model in TRACE_MODEL, or set TRACE_MODEL_TOOLS=0.",
                    "a tool call written as text");
    if (!reply_is_empty(reply))
        return MODEL_OK;
    struct buf unknown = {0}, sentence = {0};
    const char *shortfall = finish_shortfall(reply->finish_reason, &unknown);
    if (!shortfall)
        return fail(failure, MODEL_TWICE, "The model ended without an answer.", "no text");
    // An error may pass, as may a reason that nobody knows; a limit or a filter will be the same again.
    bool may_pass = unknown.n > 0 || strstr(shortfall, "server");
    buf_printf(&sentence, "The model ended without an answer: %s.", shortfall);
    enum model_end end = fail(failure, may_pass ? MODEL_TWICE : MODEL_REFUSED, buf_cstr(&sentence), "no text");
    buf_fini(&unknown);
    buf_fini(&sentence);
    return end;
}

static enum model_end judge(struct exchange *x, const struct http_reply *http, struct model_failure *failure)
{
    if (http->end == HTTP_ABORTED)
        return MODEL_ABORTED;
    if (http->status != 0 && (http->status < 200 || http->status >= 300))
        return judge_status(x, http, failure);
    exchange_finish(x, http);
    if (x->is_whole && x->taken == REPLY_SKIPPED)
        return judge_stranger(x, failure);
    if (x->taken == REPLY_TROUBLE)
        return judge_trouble(x, failure);
    if (x->taken == REPLY_TOO_LARGE)
        return fail(failure, MODEL_REFUSED, "The model's answer was too large.", "an answer or call beyond its bound");
    if (x->is_too_long)
        return fail(failure, MODEL_REFUSED, "The model sent an endless line.", "a line beyond its bound");
    // What the model has finished stands, however the connection ended.
    if (!reply_is_finished(x->reply))
        return x->trouble.words[0] != '\0' ? judge_trouble(x, failure) : judge_end(x, http, failure);
    return judge_reply(x, failure);
}

static json_t *fitted(const struct model_config *config, json_t *messages)
{
    int64_t budget = config->context_tokens, learned = config->habits->context_tokens;
    if (learned > 0 && (budget == 0 || learned < budget))
        budget = learned;
    return budget_fit(messages, budget, habits_bytes_per_kilotoken(config->habits));
}

// The server's name of the model is more exact than the configured one; like all its words it is masked.
static void name_model(struct reply *reply, const struct model_config *config)
{
    char *masked = mask_string(reply->model[0] != '\0' ? reply->model : config->name);
    (void)snprintf(reply->model, sizeof reply->model, "%s", masked);
    free(masked);
}

enum model_end model_call(struct http *http, const struct model_config *config, json_t *messages, json_t *tools,
                          const struct model_sink *sink, struct reply *reply, struct model_failure *failure)
{
    struct exchange x = {
        .config = config, .sink = sink, .sent = fitted(config, messages), .tools = tools, .reply = reply};
    x.body = request_build(&(struct request_scene){
        .model = config->name, .messages = x.sent, .tools = tools, .patch = config->patch, .habits = config->habits});
    *failure = (struct model_failure){0};
    struct http_reply answer;
    exchange_run(&x, http, &answer);
    enum model_end end = judge(&x, &answer, failure);
    name_model(reply, config);
    if (end == MODEL_OK && reply->input_tokens > 0)
        habits_correct(config->habits, budget_tokens(x.sent, 1000), reply->input_tokens);
    http_reply_fini(&answer);
    exchange_fini(&x);
    json_decref(x.body);
    json_decref(x.sent);
    return end;
}
