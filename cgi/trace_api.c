// SPDX-License-Identifier: Apache-2.0
// trace-api.fcgi: sessions and steps, for the agents that write them and the people that read them.
#include "cgi/metrics_route.h"
#include "cgi/serve.h"
#include "cgi/trace.h"

static const struct route *const tables[] = {
    trace_step_routes,  trace_put_routes,    trace_progress_routes,     trace_batch_routes, trace_session_routes,
    trace_page_routes,  trace_list_routes,   trace_export_routes,       trace_mcp_routes,   trace_decision_routes,
    trace_share_routes, trace_rating_routes, trace_instructions_routes, metrics_routes,     NULL,
};

int main(int argc, char **argv)
{
    static const struct program program = {"trace-api", "sessions:write", false, tables, .has_sign_in = false};
    return serve_main(argc, argv, &program);
}
