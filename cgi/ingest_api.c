// SPDX-License-Identifier: Apache-2.0
// ingest-api.fcgi: what foreign agents send. A program of its own, for its requests are large and its workers may be
// busy for long without being in the way of the others.
#include "cgi/ingest.h"
#include "cgi/metrics_route.h"
#include "cgi/serve.h"

int main(int argc, char **argv)
{
    static const struct route *const tables[] = {ingest_routes, metrics_routes, NULL};
    static const struct program program = {"ingest-api", "ingest", true, tables, .has_sign_in = false};
    return serve_main(argc, argv, &program);
}
