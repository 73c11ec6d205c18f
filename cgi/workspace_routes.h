// The tables of workspace-api's resource files, cgi/workspace_*.c.
#ifndef CGI_WORKSPACE_ROUTES_H
#define CGI_WORKSPACE_ROUTES_H

#include "cgi/serve.h"

extern const struct route auth_routes[];
extern const struct route door_routes[];
extern const struct route message_routes[];
extern const struct route operation_routes[];
extern const struct route search_routes[];
extern const struct route stream_routes[];
extern const struct route timeline_routes[];
extern const struct route workspace_routes[];

#endif
