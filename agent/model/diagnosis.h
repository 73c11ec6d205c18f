// SPDX-License-Identifier: Apache-2.0
// diagnosis: which kind of error a model server's status and words are, by one table: a new peculiarity of a server is
// a row. Pure.
#ifndef AGENT_MODEL_DIAGNOSIS_H
#define AGENT_MODEL_DIAGNOSIS_H

#include "agent/model/trouble.h"

enum remedy {
    REMEDY_NONE,   // it will be no different the next time
    REMEDY_AGAIN,  // overloaded, or broken for the moment
    REMEDY_TWICE,  // what the model made was poor: a second try may be better
    REMEDY_WAIT,   // the model is being loaded
    REMEDY_SHORTEN // the conversation does not fit
};

enum naming { NAME_NOTHING, NAME_MODEL, NAME_URL };

// The first row that fits counts. `all` are words that must each be there, in lower case, with nothing before them that
// makes them longer ("loading" is not in "offloading"), unless they begin with a star; status 0 is any.
struct diagnosis {
    long status;
    const char *all[3];
    enum remedy remedy;
    enum naming naming; // of what %s in the sentence stands for
    const char *sentence;
};

// Never NULL.
const struct diagnosis *diagnosis_of(const struct trouble *trouble);
// Appends code, type and words in lower case and without addresses, as the rows have them.
void diagnosis_words(const struct trouble *trouble, struct buf *out);
// True if each of at most `n` words, of which NULL ends the list, is in `words`, as in a row.
bool diagnosis_fits(const char *const *all, size_t n, const char *words);

#endif
