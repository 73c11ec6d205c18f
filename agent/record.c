// SPDX-License-Identifier: Apache-2.0
#include "agent/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "agent/mask.h"
#include "agent/member.h"
#include "base/buf.h"

static json_t *masked_string(const json_t *value)
{
    char *masked = mask_string(json_string_value(value));
    json_t *string = json_string(masked);
    free(masked);
    return string;
}

// The text of a picture looks as random as a key. It is one if it begins as one, in base64, and holds no key of ours.
static bool is_picture(const json_t *object, const char *member)
{
    static const char *const beginnings[] = {"iVBORw0KGgo", "/9j/", "R0lGODdh", "R0lGODlh", "UklGR"};
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    const char *text = member_text(object, member);
    if (strcmp(member_text(object, "type"), "image") != 0 || strcmp(member, "data") != 0 ||
        strspn(text, digits) != strlen(text) || mask_has_own(text))
        return false;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

// Returns a deep copy with every string masked, a new reference.
static json_t *masked_copy(json_t *value)
{
    if (json_is_string(value))
        return masked_string(value);
    json_t *copy;
    json_t *member;
    size_t i;
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach(value, i, member)
        {
            json_array_append_new(copy, masked_copy(member));
        }
        return copy;
    }
    const char *key;
    if (json_is_object(value)) {
        copy = json_object();
        json_object_foreach(value, key, member)
        {
            json_object_set_new(copy, key, is_picture(value, key) ? json_incref(member) : masked_copy(member));
        }
        return copy;
    }
    return json_deep_copy(value);
}

static const char *optional(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && *value != '\0' ? value : NULL;
}

struct trace_source *record_sources(json_t *sources, json_t **masked, size_t *count)
{
    *count = json_array_size(sources);
    *masked = sources ? masked_copy(sources) : json_array();
    struct trace_source *list = mem_zero((*count + 1) * sizeof *list);
    json_t *source;
    size_t i;
    json_array_foreach(*masked, i, source)
    {
        list[i] = (struct trace_source){
            .type = optional(source, "type"),
            .title = optional(source, "title"),
            .url = optional(source, "url"),
            .domain = optional(source, "domain"),
            .snippet = optional(source, "snippet"),
            .stream_id = optional(source, "streamId"),
            .stream_name = optional(source, "streamName"),
            .message_id = optional(source, "messageId"),
            .author_name = optional(source, "authorName"),
            .timestamp = optional(source, "timestamp"),
        };
    }
    return list;
}

static char *print_masked(json_t *content)
{
    if (!content)
        return NULL;
    json_t *masked = masked_copy(content);
    char *printed = json_dumps(masked, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(masked);
    return printed;
}

static void log_result(enum trace_result result, const char *what)
{
    if (result != TRACE_OK && result != TRACE_QUEUED && result != TRACE_ENDED)
        log_warning("a step could not be recorded step=%s reason=%s", what, trace_result_name(result));
}

struct trace_step *record_start(struct trace_session *session, const struct trace_step *parent, const char *type,
                                json_t *content)
{
    char *printed = print_masked(content);
    struct trace_step_spec spec = {.type = type, .parent = parent, .content_json = printed};
    struct trace_step *step = NULL;
    log_result(trace_step_start(session, &spec, &step), type);
    free(printed);
    return step;
}

// Content that is too long for the emitter must not leave a step open: the step ends with what it has.
static enum trace_result complete(struct trace_step *step, struct trace_outcome *outcome)
{
    enum trace_result result = trace_step_complete(step, outcome);
    if (result != TRACE_INVALID)
        return result;
    log_result(result, "the content of its end");
    outcome->text = outcome->content_json = NULL;
    return trace_step_complete(step, outcome);
}

void record_end(struct trace_step *step, const struct record_outcome *outcome)
{
    json_t *masked = NULL;
    char *printed = print_masked(outcome->content);
    struct trace_usage usage = {0};
    struct trace_outcome full = {.text = outcome->text,
                                 .content_json = printed,
                                 .message_id = outcome->message_id,
                                 .error_code = outcome->error_code,
                                 .error_message = outcome->error_code ? outcome->error_sentence : NULL};
    struct trace_source *sources = record_sources(outcome->sources, &masked, &full.source_count);
    full.sources = sources;
    if (outcome->usage && (outcome->usage->input_tokens > 0 || outcome->usage->output_tokens > 0)) {
        usage = (struct trace_usage){.model = outcome->usage->model[0] != '\0' ? outcome->usage->model : NULL,
                                     .input_tokens = outcome->usage->input_tokens,
                                     .output_tokens = outcome->usage->output_tokens,
                                     .reasoning_tokens = outcome->usage->reasoning_tokens,
                                     .cost_usd = outcome->usage->cost_usd};
        full.usage = &usage;
    }
    if (step)
        log_result(complete(step, &full), "its end");
    trace_step_free(step);
    free(sources);
    json_decref(masked);
    free(printed);
}

void record_whole(struct trace_session *session, const struct trace_step *parent, const char *type, json_t *content)
{
    char *printed = print_masked(content);
    struct trace_step_spec spec = {.type = type, .parent = parent, .content_json = printed};
    log_result(trace_session_record(session, &spec, NULL), type);
    free(printed);
}
