// SPDX-License-Identifier: Apache-2.0
// What a repeat of a write of a step is known by: a hash of what the client sent, as it was received. It depends
// neither on the order of the members nor on white space between them, and is the same alone and in a batch. Its key is
// the token: nobody who reads the database can try out what redaction may have taken out.
#ifndef CGI_TRACE_STEP_MARK_H
#define CGI_TRACE_STEP_MARK_H

#include "cgi/request.h"
#include "store/step.h"

// Of the object that redaction_parse() read last, which is about the step `id`. The texts live as long as the request.
// No mark for an object of more members than a step has.
void trace_step_mark(struct request *r, const char *id, struct store_step_mark *mark);

#endif
