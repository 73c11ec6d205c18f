// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_step_body.h"

#include <stdio.h>
#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/sources.h"
#include "base/id.h"
#include "base/jw.h"

enum { NAME_MAX_BYTES = 400, MODEL_MAX = 200, ERROR_CODE_MAX = 64, ERROR_MESSAGE_MAX = 4000, TYPE_MAX = 64 };
static const int64_t TOKENS_MAX = INT64_C(1000000000000);
static const double COST_MAX = 1e9, COUNT_MAX = 1e12;

static bool is_step_type(struct str type)
{
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        if (!(c >= 'a' && c <= 'z') && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
            return false;
    }
    return type.n > 0;
}

static int read_content(struct request *r, json_t *object, struct store_step_input *in)
{
    struct str printed;
    int64_t length;
    int status = body_content(r, object, "content", STEP_CONTENT_MAX, &printed, &length);
    if (status || !printed.p)
        return status;
    in->content = printed.p;
    in->content_length = request_keep_i64(r, length);
    return 0;
}

// A page that was visited is shown as a link.
static bool has_bad_url(json_t *content)
{
    json_t *url = json_object_get(content, "url");
    return json_is_string(url) && !sources_is_url((struct str){json_string_value(url), json_string_length(url)});
}

// In a body with a number that is too large for an integer, integers are read as reals.
static bool has_bad_count(json_t *content)
{
    json_t *count = json_object_get(content, "resultCount");
    double n = json_number_value(count);
    if (!count || json_is_null(count))
        return false;
    return !json_is_number(count) || !(n >= 0 && n <= COUNT_MAX) || n != (double)(int64_t)n;
}

// Only the server says who decided what.
static bool has_decision(json_t *content)
{
    return json_object_get(content, "decision") != NULL;
}

// The content that some types of steps cannot have.
static const struct misfit {
    const char *type;
    bool (*is_in)(json_t *content);
} misfits[] = {
    {"visit_page", has_bad_url},
    {"web_search", has_bad_count},
    {"workspace_search", has_bad_count},
    {"approval", has_decision},
};

// As an array literal the types, of which `only` has to be one if it is given, that cannot have this content; NULL:
// none.
static const char *find_misfits(struct request *r, json_t *object, struct str only)
{
    json_t *content = json_object_get(object, "content");
    struct buf types = {0};
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        if ((only.p && !str_eq(only, str_from(misfits[i].type))) || !misfits[i].is_in(content))
            continue;
        buf_char(&types, types.n ? ',' : '{');
        buf_str(&types, str_from(misfits[i].type));
    }
    if (types.n)
        buf_char(&types, '}');
    const char *found = types.n ? request_keep(r, buf_view(&types)) : NULL;
    buf_fini(&types);
    return found;
}

int trace_step_body_misfit(struct request *r)
{
    return problem_body(r, "content",
                        "has a url that is not http or https, a resultCount that is not a count, or a decision "
                        "that no person has made");
}

// Read once, although a whole step is read both as a start and as an end.
static int read_more(struct request *r, json_t *object, struct store_step_more *more)
{
    int status;
    if (store_step_has_more(more))
        return 0;
    if ((status = body_json_value(r, object, "input", VALUE_ANY, STEP_CONTENT_MAX, &more->input)) ||
        (status = body_json_value(r, object, "output", VALUE_ANY, STEP_CONTENT_MAX, &more->output)) ||
        (status = body_json_value(r, object, "attributes", VALUE_OBJECT, STEP_ATTRIBUTES_MAX, &more->attributes)) ||
        (status = body_json_value(r, object, "events", VALUE_LIST, STEP_ATTRIBUTES_MAX, &more->events)) ||
        (status = body_json_value(r, object, "links", VALUE_LIST, STEP_ATTRIBUTES_MAX, &more->links)))
        return status;
    return 0;
}

static int read_beginning(struct request *r, json_t *object, enum presence type_presence, struct store_step_input *in)
{
    struct str id, type, name, parent;
    int status;
    if ((status = body_id(r, object, "id", "stp", OPTIONAL, &id)) ||
        (status = body_text(r, object, "stepType", type_presence, 1, TYPE_MAX, &type)) ||
        (status = body_text(r, object, "name", OPTIONAL, 0, NAME_MAX_BYTES, &name)) ||
        (status = body_id(r, object, "parentStepId", "stp", OPTIONAL, &parent)) ||
        (status = read_content(r, object, in)) || (status = body_time(r, object, "startedAt", &in->started_us)) ||
        (status = read_more(r, object, &in->more)))
        return status;
    if (type.p && !is_step_type(type))
        return problem_body(r, "stepType", "must be lower-case letters, digits and underscores");
    in->id = request_keep(r, id);
    in->type = request_keep(r, type);
    in->name = request_keep(r, name);
    in->parent_id = request_keep(r, parent);
    return 0;
}

const char *trace_step_body_new_id(struct request *r)
{
    char fresh[ID_SIZE];
    id_new(fresh, "stp");
    return request_keep(r, str_from(fresh));
}

int trace_step_body_start(struct request *r, json_t *object, struct store_step_input *in)
{
    int status = read_beginning(r, object, REQUIRED, in);
    if (status)
        return status;
    if (find_misfits(r, object, str_from(in->type)))
        return trace_step_body_misfit(r);
    if (!in->id)
        in->id = trace_step_body_new_id(r);
    return 0;
}

static int read_count(struct request *r, json_t *usage, const char *field, struct buf *printed, const char **value)
{
    int64_t n = -1;
    int status = body_i64(r, usage, field, OPTIONAL, 0, TOKENS_MAX, &n);
    if (status || n < 0)
        return status;
    jw_member_i64(printed, field, n);
    *value = request_keep_i64(r, n);
    return 0;
}

static int read_cost(struct request *r, json_t *usage, struct buf *printed, const char **value)
{
    json_t *cost = json_object_get(usage, "costUsd");
    if (!cost || json_is_null(cost))
        return 0;
    double number = json_number_value(cost);
    if (!json_is_number(cost) || !(number >= 0 && number <= COST_MAX))
        return problem_body(r, "costUsd", "must be a number that is not negative");
    char digits[40];
    // There is no -0 dollars.
    (void)snprintf(digits, sizeof digits, "%.12g", number + 0.0);
    jw_member_raw(printed, "costUsd", str_from(digits));
    *value = request_keep(r, str_from(digits));
    return 0;
}

static int read_usage(struct request *r, json_t *object, struct store_step_input *in)
{
    json_t *usage = json_object_get(object, "usage");
    if (!usage || json_is_null(usage))
        return 0;
    if (!json_is_object(usage))
        return problem_body(r, "usage", "must be an object");
    struct buf printed = {0};
    struct str model;
    bool is_sum = false;      // of other steps, which count for the session themselves
    bool is_computed = false; // of an exported step: its cost was computed where it comes from
    int status;
    jw_open(&printed, '{');
    if ((status = body_text(r, usage, "model", OPTIONAL, 0, MODEL_MAX, &model)))
        goto out;
    jw_member(&printed, "model", model);
    if ((status = read_count(r, usage, "inputTokens", &printed, &in->input_tokens)) ||
        (status = read_count(r, usage, "outputTokens", &printed, &in->output_tokens)) ||
        (status = read_count(r, usage, "reasoningTokens", &printed, &in->reasoning_tokens)) ||
        (status = read_count(r, usage, "cacheReadTokens", &printed, &in->cache_read_tokens)) ||
        (status = read_count(r, usage, "cacheWriteTokens", &printed, &in->cache_write_tokens)) ||
        (status = read_count(r, usage, "totalTokens", &printed, &in->total_tokens)) ||
        (status = read_cost(r, usage, &printed, &in->cost_usd)) ||
        (status = body_bool(r, usage, "costComputed", &is_computed)) ||
        (status = body_bool(r, usage, "isSum", &is_sum)))
        goto out;
    if (is_computed && in->cost_usd)
        jw_member_bool(&printed, "costComputed", true);
    if (is_sum) {
        jw_member_bool(&printed, "isSum", true);
        in->input_tokens = in->output_tokens = in->reasoning_tokens = in->cost_usd = NULL;
        in->cache_read_tokens = in->cache_write_tokens = in->total_tokens = NULL;
    }
    jw_close(&printed, '}');
    in->model = is_sum ? NULL : request_keep(r, model);
    in->usage = request_keep(r, buf_view(&printed));
out:
    buf_fini(&printed);
    return status;
}

static int read_error(struct request *r, json_t *object, struct store_step_input *in)
{
    json_t *error = json_object_get(object, "error");
    if (!error || json_is_null(error))
        return 0;
    if (!json_is_object(error))
        return problem_body(r, "error", "must be an object");
    struct str code, message;
    int status;
    if ((status = body_text(r, error, "code", OPTIONAL, 1, ERROR_CODE_MAX, &code)) ||
        (status = body_text(r, error, "message", REQUIRED, 0, ERROR_MESSAGE_MAX, &message)))
        return status;
    struct buf printed = {0};
    jw_open(&printed, '{');
    jw_member(&printed, "code", code);
    jw_member(&printed, "message", message);
    jw_close(&printed, '}');
    in->error = request_keep(r, buf_view(&printed));
    buf_fini(&printed);
    return 0;
}

int trace_step_body_end(struct request *r, json_t *object, struct store_step_input *in)
{
    struct str sources, keys, message;
    int status;
    if ((status = in->content ? 0 : read_content(r, object, in)) ||
        (status = sources_read(r, object, "sources", &sources, &keys)) ||
        (status = body_id(r, object, "messageId", "msg", OPTIONAL, &message)) || (status = read_usage(r, object, in)) ||
        (status = read_error(r, object, in)) || (status = body_time(r, object, "completedAt", &in->completed_us)) ||
        (status = read_more(r, object, &in->more)))
        return status;
    in->misfits = find_misfits(r, object, STR_NONE);
    in->sources = sources.p;
    in->source_keys = keys.p;
    in->message_id = request_keep(r, message);
    return 0;
}

int trace_step_body_put(struct request *r, json_t *object, struct store_put_step *put)
{
    bool is_whole = false;
    int status;
    if ((status = read_beginning(r, object, OPTIONAL, &put->of)) ||
        (status = trace_step_body_end(r, object, &put->of)) || (status = body_bool(r, object, "completed", &is_whole)))
        return status;
    put->ends = is_whole || put->of.completed_us || put->of.error;
    return 0;
}
