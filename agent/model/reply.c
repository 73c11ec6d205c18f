// SPDX-License-Identifier: Apache-2.0
#include "agent/model/reply.h"

#include <ctype.h>
#include <stdio.h>

#include "agent/member.h"
#include "agent/model/finish.h"
#include "agent/model/parts.h"
#include "agent/model/thinking.h"
#include "base/utf8.h"

#define COUNT_MAX INT64_C(1000000000000)
#define COST_MAX_USD 10000.0 // of one call

// A count that the API takes, as a number or in digits; what is none, or beyond any sense, was not told.
static int64_t count_of(const json_t *usage, const char *member)
{
    const json_t *value = json_object_get(usage, member);
    int64_t digits = 0;
    double count = json_number_value(value);
    if (json_is_string(value) && str_to_i64(str_from(json_string_value(value)), &digits) == 0)
        count = (double)digits;
    return count < 0 || count > (double)COUNT_MAX ? 0 : (int64_t)count;
}

static void take_usage(struct reply *reply, const json_t *usage)
{
    const json_t *details = json_object_get(usage, "completion_tokens_details");
    if (!json_is_object(usage))
        return;
    reply->input_tokens = count_of(usage, "prompt_tokens");
    reply->output_tokens = count_of(usage, "completion_tokens");
    double cost = json_number_value(json_object_get(usage, "cost"));
    reply->cost_usd = cost > 0 && cost < COST_MAX_USD ? cost : 0;
    reply->reasoning_tokens = count_of(json_is_object(details) ? details : usage, "reasoning_tokens");
}

static void copy(char *out, size_t size, const char *text)
{
    struct str cut = utf8_prefix(str_from(text), size - 1);
    memcpy(out, cut.p, cut.n);
    out[cut.n] = '\0';
}

// A server that sends deltas may send the whole message at the end: then only what is new counts.
static void take_content(struct reply *reply, const json_t *message, bool is_whole)
{
    struct buf content = {0};
    parts_read(json_object_get(message, "content"), &content, &reply->reasoning, &reply->refusal, &reply->parts);
    struct str text = buf_view(&content);
    if (is_whole && reply->content.n > 0 && str_starts(text, buf_view(&reply->content)))
        text = str_skip(text, reply->content.n);
    buf_str(&reply->content, text);
    buf_fini(&content);
}

static enum reply_taken take_choice(struct reply *reply, const json_t *choice, bool is_whole)
{
    const json_t *message = json_object_get(choice, "delta");
    if (!json_is_object(message) || (json_object_size(message) == 0 && json_object_get(choice, "message")))
        message = json_object_get(choice, "message");
    const char *reason = json_string_value(json_object_get(choice, "finish_reason"));
    const json_t *text = json_object_get(choice, "text"); // of a completion that is no chat
    if (!reason)
        reason = json_string_value(json_object_get(choice, "stop_reason"));
    if (reason && finish_is_none(reason))
        reason = NULL;
    parts_reasoning(message, &reply->reasoning);
    take_content(reply, message, is_whole);
    if (json_is_string(text))
        buf_bytes(&reply->content, json_string_value(text), json_string_length(text));
    buf_str(&reply->refusal, str_from(member_text(message, "refusal")));
    parts_annotations(json_object_get(message, "annotations"), &reply->sources);
    parts_keep(message, &reply->extra);
    if (reason)
        copy(reply->finish_reason, sizeof reply->finish_reason, reason);
    if (calls_take(&reply->calls, json_object_get(message, "tool_calls")) != 0 ||
        (json_is_object(json_object_get(message, "function_call")) &&
         calls_take_legacy(&reply->calls, json_object_get(message, "function_call")) != 0))
        return REPLY_TOO_LARGE;
    return reply->reasoning.n > REPLY_TEXT_MAX_BYTES || reply->content.n > REPLY_TEXT_MAX_BYTES ? REPLY_TOO_LARGE
                                                                                                : REPLY_TAKEN;
}

static enum reply_taken take_document(struct reply *reply, const json_t *document, bool is_whole)
{
    const char *model = json_string_value(json_object_get(document, "model"));
    const json_t *choices = json_object_get(document, "choices");
    if (model)
        copy(reply->model, sizeof reply->model, model);
    take_usage(reply, json_object_get(document, "usage"));
    take_usage(reply, json_object_get(json_object_get(document, "x_groq"), "usage"));
    parts_citations(document, &reply->sources);
    // Only one choice was asked for; the last chunk, with the usage, has none.
    return take_choice(reply, json_is_array(choices) ? json_array_get(choices, 0) : choices,
                       is_whole || strcmp(member_text(document, "object"), "chat.completion") == 0);
}

static json_t *read_json(struct reply *reply, struct str data)
{
    struct buf repaired = {0};
    repair_json(&reply->repair, data, &repaired);
    json_t *document = json_loadb(buf_cstr(&repaired), repaired.n, 0, NULL);
    buf_fini(&repaired);
    return document;
}

enum reply_taken reply_take(struct reply *reply, const char *event, struct str data, struct trouble *trouble)
{
    if (reply->is_done)
        return REPLY_TAKEN;
    if (str_eq(data, STR("[DONE]")) || str_eq(data, STR("\"[DONE]\""))) {
        reply->is_done = true;
        return REPLY_TAKEN;
    }
    json_t *document = read_json(reply, data);
    enum reply_taken taken = REPLY_SKIPPED;
    if (!document && strcmp(event, "error") == 0) {
        trouble_of_text(data, trouble);
        return REPLY_TROUBLE;
    }
    if (document && trouble_find(document, event, trouble))
        taken = REPLY_TROUBLE;
    else if (json_is_object(document))
        taken = take_document(reply, document, false);
    reply->skipped += taken == REPLY_SKIPPED;
    json_decref(document);
    return taken;
}

enum reply_taken reply_take_whole(struct reply *reply, struct str body, struct trouble *trouble)
{
    json_t *document = read_json(reply, body);
    enum reply_taken taken = REPLY_SKIPPED;
    if (document && trouble_find(document, "", trouble)) {
        taken = REPLY_TROUBLE;
    } else if (json_object_get(document, "choices")) {
        taken = take_document(reply, document, true);
        reply->is_done = taken == REPLY_TAKEN;
    } else {
        trouble_of_text(body, trouble);
    }
    json_decref(document);
    return taken;
}

void reply_take_refusal(struct reply *reply, struct str body, struct trouble *trouble)
{
    json_t *document = read_json(reply, body);
    if (!document || !trouble_of_refusal(document, trouble))
        trouble_of_text(body, trouble);
    json_decref(document);
}

bool reply_is_finished(const struct reply *reply)
{
    return reply->is_done || reply->finish_reason[0] != '\0';
}

static bool is_blank(const struct buf *text)
{
    for (size_t i = 0; i < text->n; i++)
        if (!isspace((unsigned char)text->p[i]))
            return false;
    return true;
}

bool reply_is_empty(const struct reply *reply)
{
    return reply->calls.count == 0 && is_blank(&reply->content) && is_blank(&reply->refusal);
}

enum written reply_settle(struct reply *reply, const json_t *tools, bool has_structure)
{
    struct buf text = {0}, thought = {0}, answer = {0};
    enum written written = WRITTEN_NOTHING;
    thinking_split(buf_view(&reply->content), &thought, &text);
    if (!written_channels(buf_view(&text), &thought, &answer))
        buf_str(&answer, buf_view(&text));
    if (thought.n > 0 && reply->reasoning.n > 0)
        buf_char(&reply->reasoning, '\n');
    buf_str(&reply->reasoning, buf_view(&thought));
    buf_clear(&reply->content);
    buf_str(&reply->content, buf_view(&answer));
    if (reply->calls.count == 0) {
        written = written_find(buf_view(&answer), tools, &reply->calls);
        // A server that parses calls would have parsed this one.
        if (written == WRITTEN_CALLS && has_structure) {
            calls_fini(&reply->calls);
            written = WRITTEN_MIXED;
        }
        reply->is_written = written == WRITTEN_CALLS;
        if (reply->is_written)
            buf_clear(&reply->content);
    }
    calls_settle(&reply->calls, tools);
    buf_fini(&text);
    buf_fini(&thought);
    buf_fini(&answer);
    return written;
}

void reply_fini(struct reply *reply)
{
    buf_fini(&reply->reasoning);
    buf_fini(&reply->content);
    buf_fini(&reply->refusal);
    calls_fini(&reply->calls);
    json_decref(reply->sources);
    json_decref(reply->extra);
    json_decref(reply->parts);
    *reply = (struct reply){0};
}
