// SPDX-License-Identifier: Apache-2.0
// What a client says about a step, from the fields of a JSON object to the parameters of a statement. Shared by single
// writes and the lines of a batch.
#ifndef CGI_TRACE_STEP_BODY_H
#define CGI_TRACE_STEP_BODY_H

#include "cgi/request.h"
#include "store/put.h"

enum { STEP_CONTENT_MAX = 1024 * 1024, STEP_ATTRIBUTES_MAX = 64 * 1024 };

// The fields of a start: id (made here if absent), stepType, name, parentStepId, content, startedAt. The texts live as
// long as the request. 0, or the status of a problem.
MUST_USE int trace_step_body_start(struct request *r, json_t *object, struct store_step_input *in);

// The fields of a completion: content, sources, messageId, usage, error, completedAt. Only the database knows whether
// the step is of a type that cannot have such content.
MUST_USE int trace_step_body_end(struct request *r, json_t *object, struct store_step_input *in);

// A fresh id for a step that came without one.
const char *trace_step_body_new_id(struct request *r);

// Everything that can be said of a step, all of it optional. It ends with completed:true, a completedAt or an error.
MUST_USE int trace_step_body_put(struct request *r, json_t *object, struct store_put_step *put);

// The problem of a step whose type is among the misfits.
int trace_step_body_misfit(struct request *r);

#endif
