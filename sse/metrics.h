// SPDX-License-Identifier: Apache-2.0
// `GET /metrics`: the pusher's counters (sse/counters.h) in the Prometheus text format 0.0.4.
#ifndef SSE_METRICS_H
#define SSE_METRICS_H

#include <stdint.h>
#include "base/buf.h"

struct counters;
struct pusher;

// Counts an event that was written `ns` nanoseconds after its commit.
void metrics_delay(struct counters *counters, int64_t ns);
void metrics_print(struct buf *b, const struct pusher *pusher);

#endif
