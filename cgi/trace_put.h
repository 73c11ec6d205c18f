// SPDX-License-Identifier: Apache-2.0
// How put steps are answered and told, alone and in a batch.
#ifndef CGI_TRACE_PUT_H
#define CGI_TRACE_PUT_H

#include "cgi/trace.h"
#include "cgi/trace_step_body.h"

// The reply to an answer that is neither OK nor WRITTEN.
int trace_put_refusal(struct request *r, enum store_outcome outcome, const struct store_put_seen *seen);

// The events of what has changed in `n` steps, after the commit.
void trace_put_send(struct request *r, const struct store_answer *answer, const struct store_put_seen *seen, int n);

// Appends {step, changed, ignored} of the i-th.
void trace_put_print(struct request *r, const struct store_answer *answer, const struct store_put_seen *seen, int i,
                     enum step_form form);

#endif
