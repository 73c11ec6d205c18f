// A program's own counters as a route. nginx leads nobody there but the operator, to workspace-api, which asks the
// others.
#include "cgi/metrics_route.h"

#include "cgi/metrics.h"

static int get_metrics(struct request *r)
{
    request_header(r, "Content-Type", STR("text/plain; version=0.0.4"));
    metrics_print(&r->out);
    return 200;
}

const struct route metrics_routes[] = {
    {METHOD_GET, "/metrics", WHO_ANYONE, BODY_NONE, get_metrics},
    {0},
};
