// SPDX-License-Identifier: Apache-2.0
// The spans of one request made steps of sessions, in the order in which they came. What a span cannot know alone is
// decided here: plumbing without a meaning gives no step and its children move up to the next that has one; spans of
// HTTP and database clients give none; a trace without any AI in it makes no session; a sum is a sum if there is
// something that it is the sum of. A parent that has not come yet is named all the same, and may come in any later
// request. It knows no database: what it made goes to a sink.
#ifndef INGEST_TREE_H
#define INGEST_TREE_H

#include "ingest/make.h"

struct tree_options {
    struct make_options make;
    bool takes_all; // nothing is taken for plumbing or foreign
};

struct tree_sink {
    // Takes `n` puts, which it may read until it returns. 0, or -1 if they could not be kept: then nothing more is
    // given to it.
    int (*put)(void *context, const struct step_put *puts, size_t n);
    void *context;
};

struct tree_counts {
    int64_t steps;  // given to the sink, also twice the same
    int64_t hidden; // spans without a step
};

struct tree;

struct tree *tree_new(const struct tree_options *options, const struct tree_sink *sink);
void tree_free(struct tree *tree);

// Takes what the span says. The span must have a trace. 0, or -1 if the sink has refused.
MUST_USE int tree_add(struct tree *tree, struct span *s);

// Gives everything to the sink: at the end of a request, and in between when it has become much. 0, or -1.
MUST_USE int tree_flush(struct tree *tree);

const struct tree_counts *tree_counts(const struct tree *tree);

#endif
