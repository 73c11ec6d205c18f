// SPDX-License-Identifier: Apache-2.0
// From a store's answer (store/answer.h) to the reply, for both programs: refusals become problems here and nowhere
// else. For the conversation's statements, which name their problem and print their body, it builds the whole reply.
#ifndef CGI_REPLY_H
#define CGI_REPLY_H

#include "cgi/caller.h"

// What every verb refuses in the same way: an unknown caller, a missing scope, something that is not there or not
// readable, a value that does not fit, a defect, no database. Writes the problem and returns its status; 0 for every
// other outcome, which the verb itself explains.
MUST_USE int reply_refusal(struct request *r, enum store_outcome outcome);

// The same for an answer that names the problem of a conflict, or says admin_only (store_answer_problem()).
MUST_USE int reply_failure(struct request *r, const struct store_answer *answer);

// The whole reply: {"member":BODY}, or the body as it is if `member` is NULL. Consumes the answer. `tells`: the rows
// also say what is to be told (store/notify.h).
int reply_send(struct request *r, struct store_answer *take_answer, const char *member, bool tells);

// The same for a verb that ends rights, whose success is a 204: it is answered when every pusher has ended the streams
// that these were for, or with {"revocationPending":true} where one did not say so in time. Consumes the answer.
int reply_revoked(struct request *r, struct store_answer *take_answer, bool tells);

#endif
