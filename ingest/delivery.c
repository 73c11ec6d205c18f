// SPDX-License-Identifier: Apache-2.0
#include "ingest/delivery.h"

#include <strings.h>
#include "ingest/gunzip.h"

static bool type_is(struct str type, struct str wanted)
{
    return type.n >= wanted.n && strncasecmp(type.p, wanted.p, wanted.n) == 0 &&
           (type.n == wanted.n || type.p[wanted.n] == ';' || type.p[wanted.n] == ' ');
}

// Names of encodings have no case (RFC 9110, section 8.4.1).
static bool encoding_is(struct str encoding, struct str name)
{
    return encoding.n == name.n && strncasecmp(encoding.p, name.p, name.n) == 0;
}

// OpenTelemetry's exporter in Python offers deflate.
static bool is_inflated(struct str encoding)
{
    return encoding_is(encoding, STR("gzip")) || encoding_is(encoding, STR("x-gzip")) ||
           encoding_is(encoding, STR("deflate"));
}

// What the body is once it is inflated. 0, or the status of the refusal.
static int unpack(struct delivery *delivery)
{
    struct buf plain = {0};
    if (delivery->body.n > DELIVERY_BODY_MAX)
        return 413;
    if (!delivery->content_encoding.n || encoding_is(delivery->content_encoding, STR("identity")))
        return 0;
    if (!is_inflated(delivery->content_encoding))
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
    const struct protocol *protocol = delivery->protocol;
    struct report report = {0};
    int status = unpack(delivery);
    delivery->is_proto = protocol->is_typed && type_is(delivery->content_type, STR("application/x-protobuf"));
    if (!status && protocol->is_typed && !delivery->is_proto &&
        !type_is(delivery->content_type, STR("application/json")))
        status = 415;
    if (!status) {
        struct tree *tree = tree_new(options, sink);
        enum read_outcome outcome = protocol->read(delivery, tree, &report);
        status = status_of(outcome, outcome != READ_OK || tree_flush(tree) == 0);
        response->steps = tree_counts(tree)->steps;
        response->hidden = tree_counts(tree)->hidden;
        tree_free(tree);
    }
    buf_fini(&delivery->body);
    response_print(response, &protocol->response, delivery->is_proto, status, &report);
    report_fini(&report);
}
