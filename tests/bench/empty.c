// SPDX-License-Identifier: Apache-2.0
// An empty handler in the frame that the FastCGI programs have: what a call costs before anybody does anything. It
// listens beside them, at empty.sock; tests/bench/progress.mjs puts it behind the same nginx.
#include "cgi/serve.h"

static int nothing(struct request *r)
{
    (void)r;
    return 204;
}

static const struct route routes[] = {
    {METHOD_POST, "/empty/agent-sessions/{ses}/steps/{stp}/progress", AUTH_ANYONE, BODY_NONE, nothing},
    {0},
};

int main(int argc, char **argv)
{
    static const struct route *const tables[] = {routes, NULL};
    static const struct program program = {"empty", "", false, tables, .has_sign_in = false};
    return serve_main(argc, argv, &program);
}
