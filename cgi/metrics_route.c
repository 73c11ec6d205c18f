// SPDX-License-Identifier: Apache-2.0
// The route of a program's own counters. Through nginx only the operator reaches it, and only at workspace-api, which
// asks the other programs.
#include "cgi/metrics_route.h"

#include "cgi/metrics.h"

static int get_metrics(struct request *r)
{
    request_header(r, "Content-Type", STR("text/plain; version=0.0.4"));
    metrics_print(&r->out);
    return 200;
}

const struct route metrics_routes[] = {
    {METHOD_GET, "/metrics", AUTH_ANYONE, BODY_NONE, get_metrics},
    {0},
};
