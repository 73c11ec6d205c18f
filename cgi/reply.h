// From a store's answer (lib/answer.h) to the reply: the hints of a write go out, refusals become problems, the body is
// printed. What workspace-api's handlers have in common.
#ifndef CGI_REPLY_H
#define CGI_REPLY_H

#include "cgi/caller.h"

// What went wrong, as a problem: its status. 0 if nothing did: then the answer holds a success.
MUST_USE int reply_refusal(struct request *r, const struct answer *answer);

// The whole reply: {"member":BODY}, or the body as it is if `member` is NULL. Consumes the answer. `tells`: its rows
// say what is to be told (lib/told.h).
int reply_send(struct request *r, struct answer *take_answer, const char *member, bool tells);

#endif
