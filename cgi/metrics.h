// SPDX-License-Identifier: Apache-2.0
// The counters of a FastCGI program, in one page that its workers share: requests by route and status, their durations,
// hints lost, revocations that are pending. Printed in the Prometheus text format 0.0.4.
#ifndef CGI_METRICS_H
#define CGI_METRICS_H

#include <stdint.h>
#include "cgi/route.h"

// Called once, before the workers are forked.
void metrics_init(const struct program *program);
// `route`: an index of the program's routes, -1 for none.
void metrics_count(int route, int status, int64_t duration_ns);
void metrics_hints_lost(int64_t n);
// An end of rights was answered before every pusher had acknowledged it.
void metrics_revocation_pending(void);
// A call was refused; `kind` of enum budget_kind (cgi/budget.h).
void metrics_over_budget(int kind);
// A span was handed over; `lost` of them, or of earlier ones, are lost (cgi/server_span.h).
void metrics_span(int64_t lost);
void metrics_print(struct buf *out);

#endif
