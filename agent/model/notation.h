// SPDX-License-Identifier: Apache-2.0
// notation: reads a tool call in the notations in which models write them: JSON, tags for the function and its
// parameters, a name before its arguments, or a call as in Python. Pure. What encloses calls in a text is written's.
#ifndef AGENT_MODEL_NOTATION_H
#define AGENT_MODEL_NOTATION_H

#include <stdbool.h>

#include "agent/model/calls.h"

// Takes every call of `inside`, which stood between the marks of a call; false if it is none, and `calls` may then have
// some. `*is_offered` becomes false if a call names a tool that is not in `tools`, or is one too many.
bool notation_take(struct str inside, const json_t *tools, struct calls *calls, bool *is_offered);
// The same for a text that no mark encloses: only JSON, or a call of an offered tool as in Python.
bool notation_take_bare(struct str text, const json_t *tools, struct calls *calls, bool *is_offered);
// True if `inside`, which notation_take() cannot read, looks like a call of an offered tool all the same, and not like
// the sentence of a text that speaks of marks.
bool notation_tries(struct str inside, const json_t *tools);

#endif
