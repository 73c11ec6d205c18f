#include "agent/record.h"

#include <stdlib.h>
#include <string.h>

#include "agent/log.h"
#include "agent/mask.h"

static json_t *masked_string(const json_t *value)
{
    char *masked = mask_string(json_string_value(value));
    json_t *string = json_string(masked);

    free(masked);
    return string;
}

/* A deep copy with every string masked, a new reference. */
static json_t *masked_copy(json_t *value)
{
    json_t *copy, *member;
    const char *key;
    size_t i;

    if (json_is_string(value))
        return masked_string(value);
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach(value, i, member)
        {
            json_array_append_new(copy, masked_copy(member));
        }
        return copy;
    }
    if (json_is_object(value)) {
        copy = json_object();
        json_object_foreach(value, key, member)
        {
            json_object_set_new(copy, key, masked_copy(member));
        }
        return copy;
    }
    return json_deep_copy(value);
}

static const char *optional(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL && *value != '\0' ? value : NULL;
}

struct trace_source *record_sources(json_t *sources, json_t **masked, size_t *count)
{
    struct trace_source *list;
    json_t *source;
    size_t i;

    *count = json_array_size(sources);
    *masked = sources != NULL ? masked_copy(sources) : json_array();
    list = text_alloc((*count + 1) * sizeof *list);
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
    json_t *masked;
    char *printed;

    if (content == NULL)
        return NULL;
    masked = masked_copy(content);
    printed = json_dumps(masked, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(masked);
    return printed;
}

static void log_result(enum trace_result result, const char *what)
{
    if (result != TRACE_OK && result != TRACE_QUEUED && result != TRACE_ENDED)
        log_write(LOG_WARNING, "not recorded step=%s reason=%s", what, trace_result_name(result));
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

/* Content that the emitter does not take, being too long, leaves no step open: it ends with what it has. */
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
                                 .error_message = outcome->error_code != NULL ? outcome->error_sentence : NULL};
    struct trace_source *sources = record_sources(outcome->sources, &masked, &full.source_count);

    full.sources = sources;
    if (outcome->usage != NULL && (outcome->usage->input_tokens > 0 || outcome->usage->output_tokens > 0)) {
        usage = (struct trace_usage){.model = outcome->usage->model[0] != '\0' ? outcome->usage->model : NULL,
                                     .input_tokens = outcome->usage->input_tokens,
                                     .output_tokens = outcome->usage->output_tokens,
                                     .reasoning_tokens = outcome->usage->reasoning_tokens};
        full.usage = &usage;
    }
    if (step != NULL)
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
