#include "agent/chunk.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX INT64_C(1000000000000)

static void add_string(struct text *text, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_string(value))
        text_add(text, json_string_value(value), json_string_length(value));
}

/* Some servers leave out the index of a single call, and send each call whole. */
static struct chunk_tool_call *call_at(struct chunk_answer *answer, const json_t *delta)
{
    const json_t *index = json_object_get(delta, "index");
    json_int_t at = json_integer_value(index);

    if (!json_is_integer(index)) {
        bool is_new = json_object_get(delta, "id") != NULL || answer->call_count == 0;

        at = (json_int_t)answer->call_count - (is_new ? 0 : 1);
    }
    if (at < 0 || at >= CHUNK_TOOL_CALLS_MAX)
        return NULL;
    if ((size_t)at >= answer->call_count)
        answer->call_count = (size_t)at + 1;
    return &answer->calls[at];
}

static enum chunk_result take_tool_calls(struct chunk_answer *answer, const json_t *deltas)
{
    size_t i;
    json_t *delta;

    json_array_foreach(deltas, i, delta)
    {
        const json_t *function = json_object_get(delta, "function");
        struct chunk_tool_call *call = call_at(answer, delta);

        if (call == NULL)
            return CHUNK_TOO_LARGE;
        if (call->id.n == 0)
            add_string(&call->id, delta, "id");
        if (call->name.n == 0) /* some servers repeat it in every delta */
            add_string(&call->name, function, "name");
        add_string(&call->arguments, function, "arguments");
        if (call->arguments.n > CHUNK_TEXT_MAX)
            return CHUNK_TOO_LARGE;
    }
    return CHUNK_OK;
}

/* A count that the API takes; what is none, or beyond any sense, is not told. */
static int64_t count_of(const json_t *usage, const char *key)
{
    json_int_t count = json_integer_value(json_object_get(usage, key));

    return count < 0 || count > COUNT_MAX ? 0 : count;
}

static void take_usage(struct chunk_answer *answer, const json_t *usage)
{
    const json_t *details = json_object_get(usage, "completion_tokens_details");

    if (!json_is_object(usage))
        return;
    answer->input_tokens = count_of(usage, "prompt_tokens");
    answer->output_tokens = count_of(usage, "completion_tokens");
    answer->reasoning_tokens = count_of(details, "reasoning_tokens");
}

static enum chunk_result take_error(struct chunk_answer *answer, const json_t *error)
{
    const char *type = json_string_value(json_object_get(error, "type"));
    const char *message = json_string_value(json_is_object(error) ? json_object_get(error, "message") : error);

    answer->error_is_final =
        type != NULL && (strcmp(type, "invalid_request_error") == 0 || strcmp(type, "authentication_error") == 0 ||
                         strcmp(type, "permission_error") == 0);
    (void)snprintf(answer->error, sizeof answer->error, "%s", message != NULL ? message : "no reason given");
    return CHUNK_ERROR;
}

static enum chunk_result take_choice(struct chunk_answer *answer, const json_t *choice, const char *key)
{
    const json_t *delta = json_object_get(choice, key);
    const char *reason = json_string_value(json_object_get(choice, "finish_reason"));

    /* Two names for one thing; a server that sends both sends the same text in them. */
    add_string(&answer->reasoning, delta,
               json_is_string(json_object_get(delta, "reasoning_content")) ? "reasoning_content" : "reasoning");
    add_string(&answer->content, delta, "content");
    if (reason != NULL)
        (void)snprintf(answer->finish_reason, sizeof answer->finish_reason, "%s", reason);
    if (answer->reasoning.n > CHUNK_TEXT_MAX || answer->content.n > CHUNK_TEXT_MAX)
        return CHUNK_TOO_LARGE;
    return take_tool_calls(answer, json_object_get(delta, "tool_calls"));
}

static enum chunk_result take(struct chunk_answer *answer, const char *data, size_t n, const char *key)
{
    json_t *chunk = json_loadb(data, n, 0, NULL), *error;
    const char *model = json_string_value(json_object_get(chunk, "model"));
    enum chunk_result result;

    if (!json_is_object(chunk)) {
        json_decref(chunk);
        return CHUNK_MALFORMED;
    }
    if (model != NULL)
        (void)snprintf(answer->model, sizeof answer->model, "%.*s", (int)text_utf8_cut(model, strlen(model), 127),
                       model);
    error = json_object_get(chunk, "error");
    take_usage(answer, json_object_get(chunk, "usage"));
    /* Only one choice was asked for; the last chunk, with the usage, has none. */
    result = error != NULL && !json_is_null(error)
                 ? take_error(answer, error)
                 : take_choice(answer, json_array_get(json_object_get(chunk, "choices"), 0), key);
    json_decref(chunk);
    return result;
}

enum chunk_result chunk_take(struct chunk_answer *answer, const char *data, size_t n)
{
    if (n == 6 && memcmp(data, "[DONE]", 6) == 0) {
        answer->is_done = true;
        return CHUNK_OK;
    }
    return take(answer, data, n, "delta");
}

enum chunk_result chunk_take_whole(struct chunk_answer *answer, const char *data, size_t n)
{
    enum chunk_result result = take(answer, data, n, "message");

    answer->is_done = result == CHUNK_OK;
    return result;
}

bool chunk_is_finished(const struct chunk_answer *answer)
{
    return answer->is_done || answer->finish_reason[0] != '\0';
}

void chunk_fini(struct chunk_answer *answer)
{
    text_fini(&answer->reasoning);
    text_fini(&answer->content);
    for (size_t i = 0; i < answer->call_count; i++) {
        text_fini(&answer->calls[i].id);
        text_fini(&answer->calls[i].name);
        text_fini(&answer->calls[i].arguments);
    }
    *answer = (struct chunk_answer){0};
}
