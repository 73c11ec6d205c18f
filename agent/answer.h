// SPDX-License-Identifier: Apache-2.0
// answer: from a draft to a message. A draft that new messages have overtaken is not sent: the model reconsiders it, a
// few times at most, and the trace shows the draft and the decision. The message carries the sources of the run.
#ifndef AGENT_ANSWER_H
#define AGENT_ANSWER_H

#include "agent/run.h"
#include "base/must.h"

// True if people have written since the model last read the conversation. The draft then goes back to the model with
// their messages, under an open `reconsidering` step. After a few times the draft is posted as it is, and the latest
// messages make a session of their own.
bool answer_is_overtaken(struct run *run, const char *draft) MUST_USE;
// A flaw of an answer that is posted all the same. The zero value means that there is none.
struct answer_flaw {
    const char *code; // of its step's error; NULL: it lacks nothing
    char sentence[200];
};

// Posts the text as the persona and completes the session. A flawed text ends with a line that says so, and its step
// bears the error. Returns -1 if the session was stopped or has failed.
int answer_send(struct run *run, const char *text, const struct answer_flaw *flaw) MUST_USE;

#endif
