// SPDX-License-Identifier: Apache-2.0
// The tables of workspace-api's resource files, cgi/workspace_*.c.
#ifndef CGI_WORKSPACE_ROUTES_H
#define CGI_WORKSPACE_ROUTES_H

#include "cgi/route.h"

extern const struct route auth_routes[];
extern const struct route dialect_routes[];
extern const struct route door_routes[];
extern const struct route invite_routes[];
extern const struct route message_routes[];
extern const struct route price_routes[];
extern const struct route oidc_routes[];
extern const struct route operation_routes[];
extern const struct route people_routes[];
extern const struct route persona_routes[];
extern const struct route redaction_routes[];
extern const struct route retention_routes[];
extern const struct route search_routes[];
extern const struct route share_routes[];
extern const struct route statistics_routes[];
extern const struct route stream_routes[];
extern const struct route timeline_routes[];
extern const struct route token_routes[];
extern const struct route webhook_routes[];
extern const struct route workspace_routes[];

#endif
