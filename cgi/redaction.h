// SPDX-License-Identifier: Apache-2.0
// The redaction rules of a workspace (base/redactor.h) at the doors of the programs: whatever comes in a body below
// /api/workspaces/{ws} or by the door for foreign agents is redacted before a handler reads it, so that neither the
// database nor a live reader sees what the rules name. A route whose body is no text but a setting says BODY_EXACT.
//
// Ids, times and the words that a client chooses out of a list are left alone, and so is what a client finds its own
// things by (`externalId`, `clientMessageId`, `workerId`). In free values (content, input, output, attributes, metadata
// and the like) keys and numbers are looked at, too.
#ifndef CGI_REDACTION_H
#define CGI_REDACTION_H

#include "cgi/route.h"
#include "base/redactor.h"

// How old the rules may be that a worker applies.
enum { REDACTION_KEPT_S = 3 };

// Finds the rules of the request's workspace, for a route that may bring texts: r->redact, or NULL if there are none.
// 0, or the status of a problem: without the rules nothing is taken.
MUST_USE int redaction_find(struct request *r, const struct route *route);
// The same for a workspace that the path does not name. 0, or -1 if the database is away.
MUST_USE int redaction_find_workspace(struct request *r, struct str workspace);

// As body_parse(), redacted. Errors of the client are told as of what it wrote.
MUST_USE int redaction_parse(struct request *r, struct str raw, json_t **object);

// For a text that is still being written: its last word may be the beginning of something that a rule names, and goes.
struct str redaction_finished(struct str text);

#endif
