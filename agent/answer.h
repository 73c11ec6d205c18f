/*
 * answer: from a draft to a message. A draft that new messages have overtaken is not sent but reconsidered, and both
 * are shown; what is sent carries the sources of the run.
 */
#ifndef AGENT_ANSWER_H
#define AGENT_ANSWER_H

#include "agent/run.h"

/*
 * True if people wrote since the model last read: the draft is then put back to it with their messages, under an open
 * `reconsidering` step. Not more than a few times: then the draft goes out, and what came last makes a session of its
 * own.
 */
bool answer_is_overtaken(struct run *run, const char *draft) MUST_USE;
/* Sends the text as the persona and completes the session. -1 if it was stopped or failed. */
int answer_send(struct run *run, const char *text) MUST_USE;
/* Ends the open `reconsidering` step, if there is one: with the decision, or with the run's error if `text` is NULL. */
void answer_end_reconsidering(struct run *run, const char *text);

#endif
