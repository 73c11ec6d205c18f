#include "agent/loop.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/clock.h"
#include "agent/context.h"
#include "agent/log.h"
#include "agent/run.h"
#include "agent/thought.h"
#include "agent/tools.h"
#include "agent/toolwork.h"

#define ROUNDS_MAX 20

int run_fail(struct run *run, const char *code, const char *sentence)
{
    if (run->error_code == NULL) {
        run->error_code = code;
        (void)snprintf(run->error_sentence, sizeof run->error_sentence, "%s", sentence);
    }
    return -1;
}

void run_explain(const struct run *run, struct record_outcome *outcome)
{
    outcome->error_code = run->error_code != NULL ? run->error_code : "stopped";
    outcome->error_sentence = run->error_code != NULL ? run->error_sentence : "The agent was stopped.";
}

static char *trimmed(const struct text *content)
{
    const char *p = text_string(content);
    size_t n = content->n;
    struct text copy = {0};

    for (; n > 0 && isspace((unsigned char)*p); n--)
        p++;
    while (n > 0 && isspace((unsigned char)p[n - 1]))
        n--;
    text_add(&copy, p, n);
    return text_take(&copy);
}

static int fail_empty(struct run *run, const struct chunk_answer *answer)
{
    const char *sentence = "The model ended without an answer.";

    if (strcmp(answer->finish_reason, "length") == 0)
        sentence = "The model reached its length limit before it answered.";
    if (strcmp(answer->finish_reason, "content_filter") == 0)
        sentence = "The model's answer was held back by its content filter.";
    return run_fail(run, "model_error", sentence);
}

/* What came in while the tools ran is read before the model thinks on; also what the subscription has yet to bring. */
static void read_news(struct run *run)
{
    context_catch_up(run);
    json_decref(context_inject(run, NULL));
}

enum turn { TURN_MORE, TURN_ANSWERED, TURN_FAILED };

/* In the last turn a draft is sent, overtaken or not: what has come since is left to a session of its own. */
static enum turn take_turn(struct run *run, bool is_last)
{
    struct chunk_answer answer;
    enum turn result = TURN_FAILED;
    char *draft = NULL;

    if (thought_have(run, &answer) != 0)
        goto out;
    if (answer.call_count > 0) {
        toolwork_do(run, &answer);
        result = TURN_MORE;
        goto out;
    }
    draft = trimmed(&answer.content);
    if (*draft == '\0') {
        (void)fail_empty(run, &answer);
    } else if (!is_last && answer_is_overtaken(run, draft)) {
        result = TURN_MORE;
    } else if (answer_send(run, draft) == 0) {
        result = TURN_ANSWERED;
    }
out:
    free(draft);
    chunk_fini(&answer);
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

static void end_badly(struct run *run, bool is_closing)
{
    if (run->error_code == NULL && is_closing)
        (void)run_fail(run, "agent_stopped", "The agent was shut down while it worked.");
    answer_end_reconsidering(run, NULL);
    if (run->error_code != NULL && !trace_session_ended(run->session))
        (void)trace_session_fail(run->session, run->error_code, run->error_sentence);
}

static void run_fini(struct run *run)
{
    listen_free(run->listen);
    conversation_free(run->conversation);
    sources_free(run->sources);
    json_decref(run->messages);
    json_decref(run->tools);
}

void loop_work(const struct config *config, struct trace_session *session, struct http *http,
               const atomic_bool *is_closing)
{
    const char *printed = trace_session_json(session);
    json_t *about = json_loads(printed != NULL ? printed : "{}", 0, NULL);
    const char *stream_id = json_string_value(json_object_get(about, "streamId"));
    const char *trigger_id = json_string_value(json_object_get(about, "triggerMessageId"));
    int64_t began = clock_ms();
    bool is_answered = false;
    struct run run = {
        .config = config,
        .session = session,
        .about = about,
        .stream_id = stream_id,
        .trigger_id = trigger_id != NULL ? trigger_id : "",
        .http = http,
        .rest = {.http = http, .url = config->url, .workspace = config->workspace, .token = config->token},
        .conversation = conversation_new(config->persona),
        .sources = sources_new(),
        .model = {.url = config->model_url,
                  .name = config->model,
                  .key = config->model_key,
                  .stall_s = config->model_stall},
        .messages = json_array(),
        .tools = tools_describe(config),
    };

    if (stream_id == NULL)
        (void)run_fail(&run, "context_error", "The session belongs to no conversation.");
    else if (context_open(&run) == 0)
        is_answered = take_turns(&run);
    if (!is_answered)
        end_badly(&run, *is_closing);
    log_write(LOG_INFO, "session over id=%s error=%s ms=%lld", trace_session_id(session),
              is_answered              ? "none"
              : run.error_code != NULL ? run.error_code
                                       : "stopped",
              (long long)(clock_ms() - began));
    run_fini(&run);
    json_decref(about);
}
