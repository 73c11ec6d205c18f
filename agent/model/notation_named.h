// SPDX-License-Identifier: Apache-2.0
// notation_named: reads calls that are written with the tool's name before the arguments: Mistral's, Gemma's,
// Functionary's, and that of older agents. A part of notation, with its contract. Pure.
#ifndef AGENT_MODEL_NOTATION_NAMED_H
#define AGENT_MODEL_NOTATION_NAMED_H

#include "agent/model/calls.h"

// What stands between the marks of calls.
bool notation_named(struct str inside, const json_t *tools, struct calls *calls, bool *is_offered);
// A whole text without marks around it.
bool notation_named_bare(struct str text, const json_t *tools, struct calls *calls, bool *is_offered);

#endif
