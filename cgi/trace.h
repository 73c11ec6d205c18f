// What the resources of trace-api share: how answers become replies, how a step's event goes out. The
// resource files are cgi/trace_*.c; each ends with its table of routes.
#ifndef CGI_TRACE_H
#define CGI_TRACE_H

#include "cgi/caller.h"
#include "cgi/serve.h"
#include "lib/step_json.h"

// Indices into r->id.
enum { PATH_WORKSPACE, PATH_SESSION, PATH_STEP };

extern const struct route trace_batch_routes[];
extern const struct route trace_list_routes[];
extern const struct route trace_page_routes[];
extern const struct route trace_progress_routes[];
extern const struct route trace_session_routes[];
extern const struct route trace_step_routes[];

const char *trace_id(struct request *r, int place);

// 409 for a session that is not running: session_pending, or session_ended with sessionStatus.
int trace_not_running(struct request *r, struct str session_status);

// A step's event, after the commit: the one with the number `seq`.
void trace_send_step(struct bus *bus, const struct step_row *step, int64_t seq);

#endif
