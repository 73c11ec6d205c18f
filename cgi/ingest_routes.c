// SPDX-License-Identifier: Apache-2.0
#include "cgi/ingest.h"

#include "cgi/ingest_keep.h"
#include "cgi/problem.h"
#include "cgi/redaction.h"
#include "cgi/reply.h"
#include "base/clock.h"
#include "base/jw.h"
#include "base/log.h"
#include "ingest/agents.h"
#include "ingest/genkit.h"
#include "ingest/langfuse.h"
#include "ingest/langsmith.h"
#include "ingest/otlp.h"
#include "store/ingest.h"

// Also finds what the token's workspace wants to have taken out. 0, or the status of a refusal.
static int authorise(struct request *r, const char *secret, bool *is_only)
{
    struct store_ingest_caller caller;
    struct store_answer answer = store_ingest_token(r->worker->pg, secret, &caller);
    int status =
        answer.outcome == STORE_FORBIDDEN
            ? problem_with(r, 403, "scope_missing", "The token lacks the scope of this door.", "scope", STR("ingest"))
            : reply_refusal(r, answer.outcome);
    *is_only = caller.is_only;
    if (!status && redaction_find_workspace(r, caller.workspace_id))
        status = problem_database(r);
    store_answer_fini(&answer);
    return status;
}

static int answer_with(struct request *r, struct response *response)
{
    struct buf seconds = {0};
    int status = response->status;
    request_header(r, "Content-Type", str_from(response->content_type));
    if (response->retry_after_s) {
        buf_i64(&seconds, response->retry_after_s);
        request_header(r, "Retry-After", buf_view(&seconds));
    }
    buf_str(&r->out, buf_view(&response->body));
    buf_fini(&seconds);
    response_fini(response);
    return status;
}

static int receive_by(struct request *r, const struct protocol *protocol, bool is_in_path)
{
    bool is_only = false;
    struct ingest_keep keep = {.request = r, .secret = request_keep(r, r->secret)};
    const struct tree_options options = {.make = {.now_us = clock_wall_us()}};
    const struct tree_sink sink = ingest_keep_sink(&keep);
    struct response response = {0};
    int status = authorise(r, keep.secret, &is_only);
    // An address is copied and logged more easily than a header: its token must be good for nothing else.
    if (!status && is_in_path && !is_only)
        status = problem_with(r, 403, "scope_missing", "A token in an address may have no other scope.", "scope",
                              STR("ingest"));
    if (status)
        return status;
    struct delivery delivery = {.protocol = protocol,
                                .content_type = r->content_type,
                                .content_encoding = r->content_encoding,
                                .item = is_in_path ? STR_NONE : r->id[0],
                                .body = r->large_body};
    r->large_body = (struct buf){0};
    delivery_read(&delivery, &options, &sink, &response);
    if (response.refused || keep.refused)
        log_info("a request was kept in part: %lld taken, %lld not understood, %lld not taken by their sessions",
                 (long long)response.taken, (long long)response.refused, (long long)keep.refused);
    return answer_with(r, &response);
}

static int receive(struct request *r, const struct protocol *protocol)
{
    return receive_by(r, protocol, false);
}

static int post_otlp_traces(struct request *r)
{
    return receive(r, &otlp_traces);
}

static int post_otlp_logs(struct request *r)
{
    return receive(r, &otlp_logs);
}

static int post_otlp_metrics(struct request *r)
{
    return receive(r, &otlp_metrics);
}

static int post_langsmith_parts(struct request *r)
{
    return receive(r, &langsmith_multipart);
}

static int post_langsmith_batch(struct request *r)
{
    return receive(r, &langsmith_batch);
}

static int post_langsmith_run(struct request *r)
{
    return receive(r, &langsmith_run);
}

static int get_langsmith_info(struct request *r)
{
    buf_str(&r->out, langsmith_info());
    return 200;
}

static int post_langfuse_events(struct request *r)
{
    return receive(r, &langfuse_events);
}

static int get_langfuse_health(struct request *r)
{
    jw_open(&r->out, '{');
    jw_member(&r->out, "status", STR("OK"));
    jw_close(&r->out, '}');
    return 200;
}

static int post_agents_traces(struct request *r)
{
    return receive(r, &agents_traces);
}

static int post_genkit_traces(struct request *r)
{
    return receive_by(r, &genkit_traces, true);
}

#define OTLP "/ingest/otlp"
#define LANGSMITH "/ingest/langsmith"
#define LANGFUSE "/ingest/langfuse/api/public"

const struct route ingest_routes[] = {
    {METHOD_POST, OTLP "/v1/traces", AUTH_PROGRAM, BODY_LARGE, post_otlp_traces},
    {METHOD_POST, OTLP "/v1/logs", AUTH_PROGRAM, BODY_LARGE, post_otlp_logs},
    {METHOD_POST, OTLP "/v1/metrics", AUTH_PROGRAM, BODY_LARGE, post_otlp_metrics},
    {METHOD_GET, LANGSMITH "/info", AUTH_ANYONE, BODY_NONE, get_langsmith_info},
    {METHOD_POST, LANGSMITH "/runs/multipart", AUTH_PROGRAM, BODY_LARGE, post_langsmith_parts},
    {METHOD_POST, LANGSMITH "/runs/batch", AUTH_PROGRAM, BODY_LARGE, post_langsmith_batch},
    {METHOD_POST, LANGSMITH "/runs", AUTH_PROGRAM, BODY_LARGE, post_langsmith_run},
    {METHOD_PATCH, LANGSMITH "/runs/{*}", AUTH_PROGRAM, BODY_LARGE, post_langsmith_run},
    {METHOD_POST, LANGSMITH "/otel/v1/traces", AUTH_PROGRAM, BODY_LARGE, post_otlp_traces},
    {METHOD_POST, LANGFUSE "/otel/v1/traces", AUTH_PROGRAM, BODY_LARGE, post_otlp_traces},
    {METHOD_POST, LANGFUSE "/ingestion", AUTH_PROGRAM, BODY_LARGE, post_langfuse_events},
    {METHOD_GET, LANGFUSE "/health", AUTH_ANYONE, BODY_NONE, get_langfuse_health},
    {METHOD_POST, "/ingest/openai-agents/v1/traces/ingest", AUTH_PROGRAM, BODY_LARGE, post_agents_traces},
    {METHOD_POST, "/ingest/genkit/{*}/api/traces", AUTH_IN_PATH, BODY_LARGE, post_genkit_traces},
    {0},
};
