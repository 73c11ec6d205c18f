// SPDX-License-Identifier: Apache-2.0
// The door for foreign agents: a base address for each protocol that their clients speak (docs/agents.md). What a
// request says is ingest/'s to know, keeping it is cgi/ingest_keep.h's; here are addresses, credentials and statuses.
#ifndef CGI_INGEST_H
#define CGI_INGEST_H

#include "cgi/route.h"

extern const struct route ingest_routes[];

#endif
