// SPDX-License-Identifier: Apache-2.0
// A span made a step, and what it says of its session: fields by ingest/rules.h, cut to their bounds and redacted. It
// knows one span at a time; what depends on others is ingest/tree.h's part.
#ifndef INGEST_MAKE_H
#define INGEST_MAKE_H

#include "ingest/arena.h"
#include "ingest/span.h"
#include "ingest/step.h"
#include "ingest/types.h"

struct make_options {
    int64_t now_us;     // the wall clock's
    bool keeps_private; // no redaction
};

// A new step in the arena. Its parent is not yet decided.
struct step *make_step(struct arena *a, struct span *s, const struct step_type *type,
                       const struct make_options *options);

// What the step, which may lead, says of its session if it does: title and end.
struct step_session *make_lead(struct arena *a, struct span *s, struct step *step, const struct make_options *options);

// `step` is NULL if the span is about the trace as a whole.
struct step_session make_session(struct arena *a, struct span *s, const struct step *step,
                                 const struct make_options *options);

#endif
