// SPDX-License-Identifier: Apache-2.0
// What a client says about a session, from the fields of a JSON object to the parameters of a statement.
#ifndef CGI_TRACE_SESSION_BODY_H
#define CGI_TRACE_SESSION_BODY_H

#include "cgi/request.h"
#include "store/session.h"

enum { SESSION_TITLE_MAX = 2000, SESSION_METADATA_MAX = 16 * 1024 };

// Where a session comes from and what it belongs to: source, externalId, threadKey, userId, tags, environment, project.
// The texts live as long as the request. 0, or the status of a problem.
MUST_USE int trace_session_body_about(struct request *r, json_t *object, struct store_session_about *about);

// The fields of a change: title, tags, metadata, of which null empties one. In *said only those that are there.
MUST_USE int trace_session_body_patch(struct request *r, json_t *object, const char **said);

#endif
