/*
 * words: which words of a question are worth searching for. Pure and deterministic.
 */
#ifndef AGENT_DEMO_WORDS_H
#define AGENT_DEMO_WORDS_H

#include <stddef.h>

#include "agent/text.h"

#define WORDS_MAX 8

/* In the order of the question, each once, lower case. */
struct words {
    struct text word[WORDS_MAX];
    size_t count;
};

/* Leaves out mentions, addresses, marks in square brackets, short words and those that every question has. */
void words_find(const char *question, struct words *words);
void words_fini(struct words *words);
/* The nth longest word (0: the longest; of equals the first), or NULL. */
const char *words_by_length(const struct words *words, size_t nth);
/* Appends the `most` longest words, in their order, with blanks between. */
void words_join(const struct words *words, size_t most, struct text *out);

#endif
