// SPDX-License-Identifier: Apache-2.0
// workspace-api.fcgi: people, conversation, search, and the door to the pushers.
#include "cgi/oidc_login.h"
#include "cgi/serve.h"
#include "cgi/workspace_routes.h"

int main(int argc, char **argv)
{
    static const struct route *const tables[] = {
        dialect_routes,    door_routes,     message_routes,
        stream_routes,     timeline_routes, workspace_routes,
        search_routes,     auth_routes,     operation_routes,
        token_routes,      price_routes,    people_routes,
        statistics_routes, persona_routes,  invite_routes,
        share_routes,      oidc_routes,     redaction_routes,
        retention_routes,  webhook_routes,  NULL,
    };
    static const struct program program = {"workspace-api", "messages:write",    false,
                                           tables,          .has_sign_in = true, .check = oidc_login_check};
    return serve_main(argc, argv, &program);
}
