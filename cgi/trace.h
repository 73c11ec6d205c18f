// SPDX-License-Identifier: Apache-2.0
// What the resources of trace-api share. The resource files are cgi/trace_*.c; each ends with its table of routes.
#ifndef CGI_TRACE_H
#define CGI_TRACE_H

#include "cgi/problem.h"
#include "cgi/reply.h"
#include "cgi/route.h"
#include "store/step_json.h"

// Indices into r->id.
enum { PATH_WORKSPACE, PATH_SESSION, PATH_STEP };

extern const struct route trace_batch_routes[];
extern const struct route trace_decision_routes[];
extern const struct route trace_export_routes[];
extern const struct route trace_instructions_routes[];
extern const struct route trace_list_routes[];
extern const struct route trace_mcp_routes[];
extern const struct route trace_page_routes[];
extern const struct route trace_progress_routes[];
extern const struct route trace_put_routes[];
extern const struct route trace_rating_routes[];
extern const struct route trace_session_routes[];
extern const struct route trace_share_routes[];
extern const struct route trace_step_routes[];

const char *trace_id(struct request *r, int place);

// Tells the session of the path as it is after one of its questions has come or gone: cards show it, and people who
// may decide are notified.
void trace_tell_question(struct request *r);

// 409 for a session that is not running: session_pending, or session_ended with sessionStatus.
int trace_not_running(struct request *r, struct str session_status);

// 409 for a session whose steps and events were deleted.
int trace_pruned(struct request *r);

#endif
