// SPDX-License-Identifier: Apache-2.0
// server_span: where OTEL_EXPORTER_OTLP_ENDPOINT names a collector, a span of OpenTelemetry for each request that was
// answered and is sampled: by the semantic conventions for HTTP servers, with the route's pattern instead of the path,
// and neither query, header nor body. It goes to the process beside the sweeper that sends it (wire/spans.h); one that
// cannot be handed over at once is counted as lost.
#ifndef CGI_SERVER_SPAN_H
#define CGI_SERVER_SPAN_H

#include "base/must.h"
#include "cgi/exchange.h"
#include "cgi/route.h"

// Called once, before the workers are forked. 0, or -1 after saying which setting does not fit.
MUST_USE int server_span_init(void);
// `route`: NULL if there is none. The exchange's variables are still there.
void server_span_request(const struct request *r, struct exchange *x, const struct program *program,
                         const struct route *route, int status);

#endif
