// SPDX-License-Identifier: Apache-2.0
#include "agent/model/reply.h"

#include <ctype.h>
#include <stdio.h>

#include "agent/member.h"
#include "agent/model/finish.h"
#include "agent/model/parts.h"
#include "agent/model/text.h"
#include "agent/model/thinking.h"
#include "base/utf8.h"

#define COUNT_MAX INT64_C(1000000000000)
#define COST_MAX_USD 10000.0 // of one call

// A count that the API takes, as a number or in digits, under one of two names; what is none, or beyond any sense, was
// not told, and leaves what was told before.
static void take_count(int64_t *count, const json_t *usage, const char *name, const char *other)
{
    const json_t *value = json_object_get(usage, name) ? json_object_get(usage, name) : json_object_get(usage, other);
    int64_t digits = 0;
    double told = json_number_value(value);
    if (json_is_string(value) && str_to_i64(str_from(json_string_value(value)), &digits) == 0)
        told = (double)digits;
    if (told > 0 && told <= (double)COUNT_MAX)
        *count = (int64_t)told;
}

static void take_usage(struct reply *reply, const json_t *usage)
{
    static const char *const details[] = {"completion_tokens_details", "output_tokens_details"};
    take_count(&reply->input_tokens, usage, "prompt_tokens", "input_tokens");
    take_count(&reply->output_tokens, usage, "completion_tokens", "output_tokens");
    take_count(&reply->reasoning_tokens, usage, "reasoning_tokens", "");
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
        take_count(&reply->reasoning_tokens, json_object_get(usage, details[i]), "reasoning_tokens", "");
    double cost = json_number_value(json_object_get(usage, "cost"));
    if (cost > 0 && cost < COST_MAX_USD)
        reply->cost_usd = cost;
}

static void copy(char *out, size_t size, const char *text)
{
    struct str cut = utf8_prefix(str_from(text), size - 1);
    memcpy(out, cut.p, cut.n);
    out[cut.n] = '\0';
}

// Appends `text`. A message that repeats all that came so far, as servers send it behind their deltas or instead of
// them, brings only what is new in it.
static void grow(struct buf *out, const struct buf *text, bool may_repeat)
{
    struct str more = buf_view(text);
    if (may_repeat && out->n > 0 && str_starts(more, buf_view(out)))
        more = str_skip(more, out->n);
    buf_str(out, more);
}

static void take_texts(struct reply *reply, const json_t *message, bool may_repeat)
{
    struct buf content = {0}, thought = {0}, refusal = {0};
    json_t *parts = NULL, *citations = NULL;
    parts_reasoning(message, &thought);
    parts_read(json_object_get(message, "content"), &content, &thought, &refusal, &parts, &citations);
    buf_str(&refusal, str_from(member_text(message, "refusal")));
    grow(&reply->content, &content, may_repeat);
    grow(&reply->reasoning, &thought, may_repeat);
    grow(&reply->refusal, &refusal, may_repeat);
    parts_annotations(citations, &reply->sources);
    if (parts && reply->parts && !may_repeat)
        json_array_extend(reply->parts, parts);
    else if (parts && !reply->parts)
        reply->parts = json_incref(parts);
    json_decref(parts);
    json_decref(citations);
    buf_fini(&content);
    buf_fini(&thought);
    buf_fini(&refusal);
}

// The calls, or the one function that was before them: a server may send both, of the same call.
static int take_calls(struct reply *reply, const json_t *message, bool may_repeat)
{
    const json_t *calls = json_object_get(message, "tool_calls"), *legacy = json_object_get(message, "function_call");
    bool has_calls = json_array_size(calls) > 0 || json_object_size(calls) > 0;
    if (has_calls && reply->is_legacy)
        calls_drop(&reply->calls, 0);
    reply->is_legacy &= !has_calls;
    if (has_calls)
        return calls_take(&reply->calls, calls, may_repeat);
    if (!json_is_object(legacy) || (reply->calls.count > 0 && !reply->is_legacy))
        return 0;
    reply->is_legacy = true;
    return calls_take_legacy(&reply->calls, legacy);
}

// Why it ended, wherever the server says so; NULL as long as it goes on.
static const char *reason_of(const json_t *document, const json_t *choice, const json_t *message)
{
    static const char *const names[] = {"finish_reason", "finishReason", "stop_reason", "done_reason"};
    const json_t *const places[] = {choice, message, document};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            const char *reason = member_text(places[i], names[n]);
            if (*reason != '\0' && !finish_is_none(reason))
                return reason;
        }
    return NULL;
}

static void take_reason(struct reply *reply, const char *reason, const char *native)
{
    struct buf unknown = {0};
    // A router makes "stop" of whatever it does not know; the word of the server behind it is more exact.
    const char *shortfall = finish_shortfall(native, &unknown);
    bool is_native = shortfall && unknown.n == 0;
    buf_fini(&unknown);
    if (reason)
        copy(reply->finish_reason, sizeof reply->finish_reason, is_native ? native : reason);
}

static enum reply_taken take_choice(struct reply *reply, const json_t *document, const json_t *choice, bool is_whole)
{
    const json_t *message = json_object_get(choice, "delta");
    bool is_message =
        !json_is_object(message) || (json_object_size(message) == 0 && json_object_get(choice, "message"));
    if (is_message)
        message = json_object_get(choice, "message");
    const json_t *text = json_object_get(choice, "text"); // of a completion that is no chat
    const char *reason = reason_of(document, choice, message);
    bool may_repeat = is_whole || (is_message && reason);
    take_texts(reply, message, may_repeat);
    if (json_is_string(text))
        buf_bytes(&reply->content, json_string_value(text), json_string_length(text));
    parts_annotations(json_object_get(message, "annotations"), &reply->sources);
    parts_citations(message, &reply->sources);
    parts_keep(message, may_repeat, &reply->extra);
    take_reason(reply, reason, member_text(choice, "native_finish_reason"));
    take_usage(reply, json_object_get(choice, "usage"));
    if (take_calls(reply, message, may_repeat) != 0)
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
    return take_choice(reply, document, json_is_array(choices) ? json_array_get(choices, 0) : choices,
                       is_whole || strcmp(member_text(document, "object"), "chat.completion") == 0);
}

// A gateway may have made a string of the document.
static json_t *unquoted(json_t *take_value)
{
    if (!json_is_string(take_value))
        return take_value;
    json_t *inside = json_loadb(json_string_value(take_value), json_string_length(take_value), 0, NULL);
    json_decref(take_value);
    return inside;
}

static json_t *read_json(struct reply *reply, struct str data)
{
    struct buf repaired = {0};
    repair_json(&reply->repair, data, &repaired);
    json_t *document = json_loadb(buf_cstr(&repaired), repaired.n, JSON_DECODE_ANY, NULL);
    buf_fini(&repaired);
    return unquoted(document);
}

// Two events on one line, as a gateway that loses line ends leaves them. False if there is one.
static bool split(struct str data, struct str *first, struct str *rest)
{
    static const struct str marks[] = {{"}data:", 6}, {"}[DONE]", 7}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t at = text_find(data, marks[i]);
        if (at == data.n)
            continue;
        *first = (struct str){data.p, at + 1};
        *rest = text_trimmed(str_skip(data, at + (i == 0 ? marks[i].n : 1)));
        return true;
    }
    return false;
}

enum reply_taken reply_take(struct reply *reply, const char *event, struct str data, struct trouble *trouble)
{
    if (reply->is_done)
        return REPLY_TAKEN;
    if (str_eq(data, STR("[DONE]")) || str_eq(data, STR("\"[DONE]\""))) {
        reply->is_done = true;
        return REPLY_TAKEN;
    }
    const struct repair kept = reply->repair;
    json_t *document = read_json(reply, data);
    enum reply_taken taken = REPLY_SKIPPED;
    struct trouble found = {0};
    struct str first, rest;
    if (!document && split(data, &first, &rest)) {
        reply->repair = kept;
        taken = reply_take(reply, event, first, trouble);
        return taken == REPLY_TAKEN || taken == REPLY_SKIPPED ? reply_take(reply, event, rest, trouble) : taken;
    }
    if (!document && strcmp(event, "error") == 0) {
        trouble_of_text(data, trouble);
        return REPLY_TROUBLE;
    }
    if (document && trouble_find(document, event, &found)) {
        taken = REPLY_TROUBLE;
        *trouble = found;
    } else if (json_is_object(document)) {
        taken = take_document(reply, document, false);
        // Words alone may be of an error: they explain an answer that is never finished.
        if (!json_object_get(document, "choices"))
            (void)trouble_of_refusal(document, trouble);
    }
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
