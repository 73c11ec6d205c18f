// SPDX-License-Identifier: Apache-2.0
// Messages and documents whose parts are attributes of their own, since OpenTelemetry's attributes have no objects:
// "llm.input_messages.0.message.role", "gen_ai.completion.0.content"; and those that are a span's events, as the
// semantic conventions had it before 1.37 ("gen_ai.user.message", "gen_ai.choice").
#ifndef INGEST_FLAT_H
#define INGEST_FLAT_H

#include "ingest/span.h"

// Puts what is in parts together as one attribute, the part before the first number: an array of objects. Nothing is
// done where another attribute says the same as a whole.
void flat_gather(struct span *s);

// True for an attribute that is such a part.
bool flat_is_part(struct str key);

#endif
