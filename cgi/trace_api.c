// trace-api.fcgi: sessions and steps, for the agents that write them and the people that read them.
#include "cgi/metrics_route.h"
#include "cgi/trace.h"

static const struct route *const tables[] = {
    trace_step_routes, trace_progress_routes, trace_batch_routes, trace_session_routes,
    trace_page_routes, trace_list_routes,     metrics_routes,     NULL,
};

int main(int argc, char **argv)
{
    static const struct program program = {"trace-api", tables};
    return serve_main(argc, argv, &program);
}
