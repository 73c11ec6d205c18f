// SPDX-License-Identifier: Apache-2.0
// What the two encodings of OTLP share: limits and ids of spans, and the conventions by which some clients say more
// with a span than the protocol has: Logfire's pending spans, Claude Code's ids of tools and requests.
#ifndef INGEST_OTLP_H
#define INGEST_OTLP_H

#include "ingest/delivery.h"
#include "ingest/rules.h"

// POST /v1/traces, /v1/logs, and /v1/metrics, which is taken and not kept.
extern const struct protocol otlp_traces, otlp_logs, otlp_metrics;

// Any OpenTelemetry SDK, and what is built on it.
extern const struct dialect otlp_dialect;
// What its clients are answered, as struct response_form has it (otlp_response.c).
void otlp_response_print_spans(struct buf *b, bool is_proto, const struct report *report);
void otlp_response_print_records(struct buf *b, bool is_proto, const struct report *report);
void otlp_response_print_error(struct buf *b, bool is_proto, int status, struct str what);

enum otlp_signal { OTLP_TRACES, OTLP_LOGS };

// The parent is known to be of another process (trace.proto, SpanFlags).
enum { OTLP_FLAGS_REMOTE = 0x300 };

// Gives a span, whose ids are hexadecimal texts, to the tree, and counts it. 0, or -1 if the sink has refused.
MUST_USE int otlp_take_span(struct tree *tree, struct report *report, struct span *s);

// A log record: one of Claude Code's events that are steps (ingest/claude.h); others are taken and not kept.
MUST_USE int otlp_take_record(struct tree *tree, struct report *report, struct span *s);

// Reads a whole body.
enum read_outcome otlp_read_json(struct str body, enum otlp_signal signal, struct tree *tree, struct report *report);
enum read_outcome otlp_read_proto(struct str body, enum otlp_signal signal, struct tree *tree, struct report *report);

#endif
