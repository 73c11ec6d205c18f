// SPDX-License-Identifier: Apache-2.0
#include "ingest/delivery.h"

#include <strings.h>
#include "ingest/agents.h"
#include "ingest/genkit.h"
#include "ingest/gunzip.h"
#include "ingest/langfuse.h"
#include "ingest/langsmith.h"
#include "ingest/otlp.h"

struct reading {
    const struct delivery *delivery;
    struct str body;
    bool is_proto;
    struct tree *tree;
    struct report *report;
};

static enum read_outcome read_otlp(const struct reading *r)
{
    enum otlp_signal signal = r->delivery->kind == DELIVERY_OTLP_LOGS ? OTLP_LOGS : OTLP_TRACES;
    return r->is_proto ? otlp_read_proto(r->body, signal, r->tree, r->report)
                       : otlp_read_json(r->body, signal, r->tree, r->report);
}

static enum read_outcome read_nothing(const struct reading *r)
{
    (void)r;
    return READ_OK;
}

static enum read_outcome read_multipart(const struct reading *r)
{
    return langsmith_read_multipart(r->body, r->delivery->content_type, r->tree, r->report);
}

static enum read_outcome read_batch(const struct reading *r)
{
    return langsmith_read_batch(r->body, r->tree, r->report);
}

static enum read_outcome read_run(const struct reading *r)
{
    return langsmith_read_run(r->body, r->delivery->run, r->tree, r->report);
}

static enum read_outcome read_langfuse(const struct reading *r)
{
    return langfuse_read(r->body, r->tree, r->report);
}

static enum read_outcome read_agents(const struct reading *r)
{
    return agents_read(r->body, r->tree, r->report);
}

static enum read_outcome read_genkit(const struct reading *r)
{
    return genkit_read(r->body, r->tree, r->report);
}

static const struct protocol {
    enum read_outcome (*read)(const struct reading *r);
    enum response_family family;
} protocols[DELIVERY__MAX] = {
    [DELIVERY_OTLP_TRACES] = {read_otlp, RESPONSE_OTLP},
    [DELIVERY_OTLP_LOGS] = {read_otlp, RESPONSE_OTLP},
    [DELIVERY_OTLP_METRICS] = {read_nothing, RESPONSE_OTLP},
    [DELIVERY_LANGSMITH_MULTIPART] = {read_multipart, RESPONSE_LANGSMITH},
    [DELIVERY_LANGSMITH_BATCH] = {read_batch, RESPONSE_LANGSMITH},
    [DELIVERY_LANGSMITH_RUN] = {read_run, RESPONSE_LANGSMITH},
    [DELIVERY_LANGFUSE] = {read_langfuse, RESPONSE_LANGFUSE},
    [DELIVERY_AGENTS] = {read_agents, RESPONSE_AGENTS},
    [DELIVERY_GENKIT] = {read_genkit, RESPONSE_GENKIT},
};

static bool type_is(struct str type, struct str wanted)
{
    return type.n >= wanted.n && strncasecmp(type.p, wanted.p, wanted.n) == 0 &&
           (type.n == wanted.n || type.p[wanted.n] == ';' || type.p[wanted.n] == ' ');
}

// What the body is once it is inflated. 0, or the status of the refusal.
static int unpack(struct delivery *delivery)
{
    struct buf plain = {0};
    if (delivery->body.n > DELIVERY_BODY_MAX)
        return 413;
    if (!delivery->content_encoding.n || str_eq(delivery->content_encoding, STR("identity")))
        return 0;
    if (!str_eq(delivery->content_encoding, STR("gzip")))
        return 415;
    enum gunzip_outcome outcome = gunzip(&plain, buf_view(&delivery->body), DELIVERY_BODY_MAX);
    buf_fini(&delivery->body);
    delivery->body = plain;
    return outcome == GUNZIP_OK ? 0 : outcome == GUNZIP_TOO_BIG ? 413 : 400;
}

static int status_of(enum read_outcome outcome, bool was_flushed)
{
    if (outcome == READ_BROKEN)
        return 400;
    return outcome == READ_UNAVAILABLE || !was_flushed ? 503 : 200;
}

void delivery_read(struct delivery *delivery, const struct tree_options *options, const struct tree_sink *sink,
                   struct response *response)
{
    const struct protocol *protocol = &protocols[delivery->kind];
    bool is_proto = type_is(delivery->content_type, STR("application/x-protobuf"));
    bool is_json = type_is(delivery->content_type, STR("application/json"));
    struct report report = {0};
    int status = unpack(delivery);
    // OTLP alone leaves the decoder to the type; the others send what they send, also without one.
    if (!status && protocol->family == RESPONSE_OTLP && !is_proto && !is_json)
        status = 415;
    if (!status) {
        struct tree *tree = tree_new(options, sink);
        const struct reading r = {delivery, buf_view(&delivery->body), is_proto, tree, &report};
        enum read_outcome outcome = protocol->read(&r);
        status = status_of(outcome, outcome != READ_OK || tree_flush(tree) == 0);
        response->steps = tree_counts(tree)->steps;
        response->hidden = tree_counts(tree)->hidden;
        tree_free(tree);
    }
    buf_fini(&delivery->body);
    response_print(response, protocol->family, is_proto, status, &report);
    report_fini(&report);
}
