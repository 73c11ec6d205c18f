// SPDX-License-Identifier: Apache-2.0
#include "cgi/ingest_put.h"

#include <stdio.h>
#include "base/jw.h"

// Texts of an arena have a NUL behind them, as statements want them.
static const char *keep_buf(struct arena *a, struct buf *text)
{
    struct str kept = arena_str(a, buf_view(text));
    buf_fini(text);
    return kept.p;
}

static const char *print_i64(struct arena *a, int64_t value)
{
    struct buf digits = {0};
    buf_i64(&digits, value);
    return keep_buf(a, &digits);
}

// A JSON array of texts as an array literal (PostgreSQL, 8.15.2): the brackets differ, and quotes and backslashes are
// escaped alike.
static const char *array_literal(struct arena *a, struct str json)
{
    struct buf literal = {0};
    if (json.n < 2)
        return NULL;
    buf_char(&literal, '{');
    buf_bytes(&literal, json.p + 1, json.n - 2);
    buf_char(&literal, '}');
    return keep_buf(a, &literal);
}

// What a step has used, printed for the step and by itself for its session.
static void put_usage(struct arena *a, const struct step *step, struct store_step_input *in)
{
    const struct {
        const char *name, **value;
    } counts[USAGE__MAX] = {
        [USAGE_INPUT] = {"inputTokens", &in->input_tokens},
        [USAGE_OUTPUT] = {"outputTokens", &in->output_tokens},
        [USAGE_REASONING] = {"reasoningTokens", &in->reasoning_tokens},
        [USAGE_CACHE_READ] = {"cacheReadTokens", &in->cache_read_tokens},
        [USAGE_CACHE_WRITE] = {"cacheWriteTokens", &in->cache_write_tokens},
        [USAGE_TOTAL] = {"totalTokens", &in->total_tokens},
    };
    struct buf json = {0};
    char digits[40];
    bool counts_here = !step->has_usage || !step->usage.is_sum;
    if (!step->has_usage && !step->model.n)
        return;
    jw_open(&json, '{');
    jw_member(&json, "model", step->model.n ? step->model : STR_NONE);
    if (step->model.n && counts_here)
        in->model = step->model.p;
    for (size_t i = 0; i < USAGE__MAX && step->has_usage; i++) {
        if (step->usage.counts[i] < 0)
            continue;
        jw_member_i64(&json, counts[i].name, step->usage.counts[i]);
        if (counts_here)
            *counts[i].value = print_i64(a, step->usage.counts[i]);
    }
    if (step->has_usage && step->usage.cost_usd >= 0) {
        (void)snprintf(digits, sizeof digits, "%.12g", step->usage.cost_usd);
        jw_member_raw(&json, "costUsd", str_from(digits));
        if (counts_here)
            in->cost_usd = arena_str(a, str_from(digits)).p;
    }
    if (step->has_usage && step->usage.is_sum)
        jw_member_bool(&json, "isSum", true);
    else if (step->has_usage && step->usage.is_total)
        jw_member_bool(&json, "isTotal", true);
    jw_close(&json, '}');
    in->usage = keep_buf(a, &json);
}

static const char *print_error(struct arena *a, const struct step *step)
{
    struct buf json = {0};
    if (!step->is_failed)
        return NULL;
    jw_open(&json, '{');
    jw_member(&json, "code", step->error_code);
    jw_member(&json, "message", step->error_message);
    jw_close(&json, '}');
    return keep_buf(a, &json);
}

struct store_put_step ingest_put_step(struct arena *a, const struct step *step)
{
    struct store_put_step put = {.ends = step->ended_us != 0};
    put.of = (struct store_step_input){
        .id = step->id,
        .type = step->type.p,
        .name = step->name.n ? step->name.p : NULL,
        .parent_id = step->parent_id.p,
        .content = step->content.p,
        .content_length = step->content.p ? print_i64(a, step->content_length) : NULL,
        .sources = step->sources.p,
        .source_keys = array_literal(a, step->source_keys),
        .error = print_error(a, step),
        .started_us = step->started_us ? print_i64(a, step->started_us) : NULL,
        .completed_us = step->ended_us ? print_i64(a, step->ended_us) : NULL,
        .more = {.input = step->input.p,
                 .output = step->output.p,
                 .attributes = step->attributes.p,
                 .events = step->events.p,
                 .links = step->links.p},
    };
    put_usage(a, step, &put.of);
    return put;
}
