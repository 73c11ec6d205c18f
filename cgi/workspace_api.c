// workspace-api.fcgi: people, conversation, search, and the door to the pushers.
#include "cgi/workspace_routes.h"

int main(int argc, char **argv)
{
    static const struct route *const tables[] = {
        door_routes, message_routes,   stream_routes, timeline_routes, workspace_routes, search_routes,
        auth_routes, operation_routes, NULL,
    };
    static const struct program program = {"workspace-api", tables};
    return serve_main(argc, argv, &program);
}
