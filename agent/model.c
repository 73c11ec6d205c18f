#include "agent/model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sse.h"

#define LINE_MAX_BYTES (1u << 20)
#define REPLY_MAX (64u << 20)

struct call {
    const struct model_sink *sink;
    struct chunk_answer *answer;
    struct sse *sse;
    struct text whole; /* of a reply that is no event stream: an error, or a server that does not stream */
    bool is_whole;
    bool began;
    enum chunk_result trouble;
    bool line_too_long;
};

static void pass_on(const struct call *call, enum model_text kind, const struct text *text, size_t had)
{
    if (text->n > had)
        call->sink->on_text(call->sink->arg, kind, text->p + had, text->n - had);
}

static int take_event(void *arg, const struct sse_event *event)
{
    struct call *call = arg;
    size_t reasoning = call->answer->reasoning.n, content = call->answer->content.n;

    call->trouble = chunk_take(call->answer, event->data, event->data_len);
    pass_on(call, MODEL_REASONING, &call->answer->reasoning, reasoning);
    pass_on(call, MODEL_CONTENT, &call->answer->content, content);
    return call->trouble != CHUNK_OK;
}

static int take_data(void *arg, long status, const char *p, size_t n)
{
    struct call *call = arg;
    int result;

    for (size_t i = 0; i < n && !call->began; i++)
        if (!isspace((unsigned char)p[i])) {
            call->began = true;
            call->is_whole = status != 200 || p[i] == '{';
        }
    if (call->is_whole) {
        if (call->whole.n + n > LINE_MAX_BYTES)
            return 1;
        text_add(&call->whole, p, n);
        return 0;
    }
    result = sse_feed(call->sse, p, n);
    call->line_too_long = result == SSE_TOO_LONG;
    return result != 0;
}

static void endpoint(const char *base, struct text *url)
{
    static const char path[] = "/chat/completions";
    size_t n = strlen(base);
    const char *host = strstr(base, "://");

    while (n > 0 && base[n - 1] == '/')
        n--;
    text_add(url, base, n);
    if (n >= sizeof path - 1 && strcmp(url->p + n - (sizeof path - 1), path) == 0)
        return;
    if (host == NULL || strchr(text_string(url) + (host - base) + 3, '/') == NULL)
        text_adds(url, "/v1");
    text_adds(url, path);
}

static char *request_body(const struct model_config *config, json_t *messages, json_t *tools)
{
    json_t *body =
        json_pack("{s:O, s:b, s:{s:b}}", "messages", messages, "stream", 1, "stream_options", "include_usage", 1);
    char *printed;

    if (config->name[0] != '\0')
        json_object_set_new(body, "model", json_string(config->name));
    if (json_array_size(tools) > 0)
        json_object_set(body, "tools", tools);
    printed = json_dumps(body, JSON_COMPACT);
    if (printed == NULL)
        abort();
    json_decref(body);
    return printed;
}

static enum model_end fail(struct model_failure *failure, enum model_end end, const char *sentence, const char *details)
{
    (void)snprintf(failure->sentence, sizeof failure->sentence, "%s", sentence);
    (void)snprintf(failure->details, sizeof failure->details, "%s", details);
    return end;
}

struct status_meaning {
    long status;
    enum model_end end;
    const char *sentence;
};

static const struct status_meaning meanings[] = {
    {401, MODEL_REFUSED, "The model refused the key."},
    {403, MODEL_REFUSED, "The model refused the key."},
    {404, MODEL_REFUSED, "The model does not exist at this address."},
    {408, MODEL_AGAIN, "The model took too long."},
    {413, MODEL_REFUSED, "The conversation is too long for the model."},
    {429, MODEL_AGAIN, "The model has too much to do (429)."},
};

static enum model_end judge_status(const struct call *call, const struct http_reply *reply,
                                   struct model_failure *failure)
{
    char details[sizeof failure->details];

    failure->wait_s = reply->retry_after_s;
    (void)snprintf(details, sizeof details, "status %ld: %.300s", reply->status, text_string(&call->whole));
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].status == reply->status)
            return fail(failure, meanings[i].end, meanings[i].sentence, details);
    if (reply->status >= 500)
        return fail(failure, MODEL_AGAIN, "The model had an error of its own.", details);
    return fail(failure, MODEL_REFUSED, "The model refused the request.", details);
}

static enum model_end judge_chunk(const struct call *call, struct model_failure *failure)
{
    switch (call->trouble) {
    case CHUNK_MALFORMED:
        return fail(failure, MODEL_AGAIN, "The model sent something that is not JSON.", "malformed chunk");
    case CHUNK_TOO_LARGE:
        return fail(failure, MODEL_REFUSED, "The model's answer was too large.",
                    "answer or tool call beyond its bound");
    case CHUNK_ERROR:
        return call->answer->error_is_final
                   ? fail(failure, MODEL_REFUSED, "The model refused the request.", call->answer->error)
                   : fail(failure, MODEL_AGAIN, "The model broke off with an error.", call->answer->error);
    case CHUNK_OK:
        break;
    }
    return fail(failure, MODEL_REFUSED, "The model sent an endless line.", "line beyond its bound");
}

static enum model_end judge(struct call *call, const struct http_reply *reply, struct model_failure *failure)
{
    if (reply->end == HTTP_ABORTED)
        return MODEL_ABORTED;
    if (reply->status != 0 && reply->status != 200)
        return judge_status(call, reply, failure);
    if (call->trouble != CHUNK_OK || call->line_too_long)
        return judge_chunk(call, failure);
    if (call->is_whole && reply->end == HTTP_DONE) {
        call->trouble = chunk_take_whole(call->answer, text_string(&call->whole), call->whole.n);
        pass_on(call, MODEL_REASONING, &call->answer->reasoning, 0);
        pass_on(call, MODEL_CONTENT, &call->answer->content, 0);
        if (call->trouble != CHUNK_OK)
            return judge_chunk(call, failure);
    }
    /* What the model has finished stands, however the connection ended. */
    if (chunk_is_finished(call->answer))
        return MODEL_OK;
    switch (reply->end) {
    case HTTP_UNREACHABLE:
        return fail(failure, MODEL_AGAIN, "The model cannot be reached.", reply->error);
    case HTTP_STALLED:
        return fail(failure, MODEL_AGAIN, "The model went silent.", reply->error);
    case HTTP_TOO_LARGE:
    case HTTP_STOPPED:
        return fail(failure, MODEL_REFUSED, "The model's answer was too large.", reply->error);
    case HTTP_BAD_URL:
        return fail(failure, MODEL_REFUSED, "The model's address is not a URL.", reply->error);
    case HTTP_DONE:
    case HTTP_BROKEN:
    case HTTP_FORBIDDEN:
    case HTTP_ABORTED:
    case HTTP_END__MAX:
        break;
    }
    return fail(failure, MODEL_AGAIN, "The model's answer was cut off.",
                reply->error[0] != '\0' ? reply->error : "the stream ended without [DONE]");
}

enum model_end model_call(struct http *http, const struct model_config *config, json_t *messages, json_t *tools,
                          const struct model_sink *sink, struct chunk_answer *answer, struct model_failure *failure)
{
    struct call call = {.sink = sink, .answer = answer};
    struct sse_sink events = {.on_event = take_event, .arg = &call};
    struct text url = {0}, authorization = {0};
    struct http_reply reply;
    enum model_end end;
    char *body = request_body(config, messages, tools);

    *failure = (struct model_failure){0};
    endpoint(config->url, &url);
    text_addf(&authorization, "Authorization: Bearer %s", config->key);
    const char *const headers[] = {"Accept: text/event-stream", config->key[0] != '\0' ? authorization.p : NULL, NULL};
    const struct http_request request = {.url = url.p,
                                         .headers = headers,
                                         .body = body,
                                         .body_len = strlen(body),
                                         .stall_s = config->stall_s,
                                         .max_bytes = REPLY_MAX,
                                         .on_data = take_data,
                                         .arg = &call};
    call.sse = sse_new(&events, LINE_MAX_BYTES);
    http_run(http, &request, &reply);
    end = judge(&call, &reply, failure);
    http_reply_fini(&reply);
    sse_free(call.sse);
    text_fini(&call.whole);
    text_fini(&url);
    text_fini(&authorization);
    free(body);
    return end;
}
