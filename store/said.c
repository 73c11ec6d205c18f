// SPDX-License-Identifier: Apache-2.0
#include "store/said.h"

#include "base/jw.h"

static void text(struct buf *out, const char *key, const char *value)
{
    jw_member(out, key, str_from(value));
}

static void json(struct buf *out, const char *key, const char *value)
{
    jw_member_raw(out, key, str_from(value));
}

static void print_usage(struct buf *out, const struct store_step_input *end)
{
    json(out, "usage", end->usage);
    text(out, "model", end->model);
    json(out, "input_tokens", end->input_tokens);
    json(out, "output_tokens", end->output_tokens);
    json(out, "reasoning_tokens", end->reasoning_tokens);
    json(out, "cache_read_tokens", end->cache_read_tokens);
    json(out, "cache_write_tokens", end->cache_write_tokens);
    json(out, "total_tokens", end->total_tokens);
    json(out, "cost_usd", end->cost_usd);
}

static void print_more(struct buf *out, const struct store_step_more *start, const struct store_step_more *end)
{
    json(out, "input", end->input ? end->input : start->input);
    json(out, "output", end->output ? end->output : start->output);
    json(out, "attributes", end->attributes ? end->attributes : start->attributes);
    json(out, "events", end->events ? end->events : start->events);
    json(out, "links", end->links ? end->links : start->links);
}

void store_said_print(struct buf *out, const struct store_step_input *start, const struct store_step_input *end)
{
    text(out, "id", start->id);
    text(out, "start_mark", start->start.mark);
    text(out, "start_redacted", start->start.redacted);
    text(out, "end_mark", end->end.mark);
    text(out, "end_redacted", end->end.redacted);
    text(out, "type", start->type);
    text(out, "name", start->name);
    text(out, "parent", start->parent_id);
    if (start != end) {
        json(out, "start_content", start->content);
        json(out, "start_length", start->content_length);
    }
    json(out, "content", end->content);
    json(out, "content_length", end->content_length);
    text(out, "misfits", end->misfits);
    json(out, "sources", end->sources);
    text(out, "keys", end->source_keys);
    text(out, "message_id", end->message_id);
    print_usage(out, end);
    json(out, "error", end->error);
    json(out, "started", start->started_us);
    json(out, "completed", end->completed_us);
    print_more(out, &start->more, &end->more);
}
