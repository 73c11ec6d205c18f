// SPDX-License-Identifier: Apache-2.0
// words: chooses the words of a question that are worth searching for. Pure and deterministic.
#ifndef AGENT_DEMO_WORDS_H
#define AGENT_DEMO_WORDS_H

#include <stddef.h>

#include "base/buf.h"

#define WORDS_MAX 8

// The words in the order of the question, each once, in lower case.
struct words {
    struct buf word[WORDS_MAX];
    size_t count;
};

// Leaves out mentions, addresses, marks in square brackets, short words and those that every question has.
void words_find(const char *question, struct words *words);
void words_fini(struct words *words);
// Returns the nth longest word (0 is the longest; among equals the first), or NULL.
const char *words_by_length(struct words *words, size_t nth);
// Appends the `most` longest words, in their order, with blanks between.
void words_join(struct words *words, size_t most, struct buf *out);

#endif
