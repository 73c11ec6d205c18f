// SPDX-License-Identifier: Apache-2.0
// What a client said beyond the fields we have: attributes, events and links, printed for the step's detail and kept
// within bounds.
#ifndef INGEST_KEPT_H
#define INGEST_KEPT_H

#include "ingest/arena.h"
#include "ingest/span.h"
#include "ingest/step.h"

enum { KEPT_NAMES_MAX = 8 };

// Names of fields that were cut.
struct kept {
    const char *names[KEPT_NAMES_MAX];
    size_t n;
};

void kept_note(struct kept *cut, const char *field);

// Fill step->events and step->links.
void kept_events(struct arena *a, struct span *s, struct step *step, value_filter *filter);

// Fills step->attributes with what no field has taken, and the names of what was cut. Private ones are left out if
// there is a filter.
void kept_attributes(struct arena *a, struct span *s, struct step *step, value_filter *filter, const struct kept *cut);

#endif
