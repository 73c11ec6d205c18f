// What a client says about a step, from the fields of a JSON object to the parameters of a statement. Shared by single
// writes and the lines of a batch.
#ifndef CGI_TRACE_STEP_BODY_H
#define CGI_TRACE_STEP_BODY_H

#include "cgi/request.h"
#include "lib/store_step.h"

enum { STEP_CONTENT_MAX = 1024 * 1024 };

// The fields of a start: id (made here if absent), stepType, name, parentStepId, content. The texts live as long as the
// request. 0, or the status of a problem.
MUST_USE int trace_step_body_start(struct request *r, json_t *object, struct store_step_input *in);

// The fields of a completion: content, sources, messageId, usage, error. Whether the step is of a type
// that cannot have such content only the database knows.
MUST_USE int trace_step_body_end(struct request *r, json_t *object, struct store_step_input *in);

// The problem of a step whose type is among the misfits.
int trace_step_body_misfit(struct request *r);

#endif
