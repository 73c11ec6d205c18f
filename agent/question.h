// SPDX-License-Identifier: Apache-2.0
// question: a step `approval`, in which the agent asks a person before it does something, and the wait for what is
// decided.
#ifndef AGENT_QUESTION_H
#define AGENT_QUESTION_H

#include <jansson.h>
#include <stdint.h>

#include "agent/run.h"
#include "base/must.h"

#define QUESTION_CHARACTERS 1000 // of what is asked about: cards show 2,000 of a question
#define QUESTION_SECONDS 600     // where nobody says otherwise

enum question_end {
    QUESTION_APPROVED,
    QUESTION_REJECTED,
    QUESTION_EXPIRED,  // nobody decided in time, or nobody could be asked
    QUESTION_WITHDRAWN // the run was stopped
};

// Asks and waits, at most `seconds`; the run's transfers go on meanwhile. `content` is the step's, an object with a
// `question`; `expiresAt` is added. Appends to `note` what the person added. Only QUESTION_APPROVED is a yes.
enum question_end question_ask(struct run *run, json_t *content, int64_t seconds, struct buf *note) MUST_USE;
// Why there was no yes: returns the code, and appends the sentence for people and the model.
const char *question_refusal(enum question_end end, struct buf *note, struct buf *sentence);

#endif
