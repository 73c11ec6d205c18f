// SPDX-License-Identifier: Apache-2.0
// collector: sending bodies to a collector of OpenTelemetry by OTLP/HTTP in JSON, one at a time, while something else
// may be waited for.
#ifndef ADMIN_COMMANDS_COLLECTOR_H
#define ADMIN_COMMANDS_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/must.h"

enum collector_outcome {
    COLLECTOR_IDLE,    // nothing is being sent
    COLLECTOR_BUSY,    // no answer yet
    COLLECTOR_TAKEN,   // it has the body
    COLLECTOR_AWAY,    // it has not, and may take the same later (OTLP, "Failures" of OTLP/HTTP)
    COLLECTOR_REFUSED, // it will not take it
};

struct collector;

// `endpoint` and `headers` as OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS have them.
struct collector *collector_new(const char *endpoint, const char *headers);
void collector_free(struct collector *collector);

// Begins to send; nothing else is being sent. `body` stays as it is until there is an outcome.
void collector_begin(struct collector *collector, struct str body);
// Waits for an outcome, until `fd` can be read (-1: for nothing else), or for `wait_ms`.
MUST_USE enum collector_outcome collector_wait(struct collector *collector, int fd, int wait_ms);
// What was wrong, after COLLECTOR_AWAY and COLLECTOR_REFUSED. After COLLECTOR_TAKEN: what the collector says of the
// body all the same, or nothing.
const char *collector_error(const struct collector *collector);
// After COLLECTOR_TAKEN: how many of the body's spans it has rejected (OTLP, "Partial Success").
int64_t collector_rejected(const struct collector *collector);

#endif
