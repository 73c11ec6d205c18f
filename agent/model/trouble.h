// SPDX-License-Identifier: Apache-2.0
// trouble: recognises an error in what a model server answered, in any of the forms that servers give it. Pure. What an
// error means is the verdict's (agent/model/verdict.h).
#ifndef AGENT_MODEL_TROUBLE_H
#define AGENT_MODEL_TROUBLE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

// Zeroed, there is none. The words are the server's own, not masked.
struct trouble {
    long status;   // of HTTP, or the one that the error names; 0: none
    char code[64]; // "" if it has none, as for the others
    char type[256];
    char words[2000]; // enough for what stands at the end of a long sentence
};

// `event` is the name of the event that brought the document, or "".
bool trouble_find(const json_t *document, const char *event, struct trouble *trouble);
// The same for the body of a refusal: its words are an error's, whatever their form.
bool trouble_of_refusal(const json_t *document, struct trouble *trouble);
// A body that is no JSON: its words are the text of the page.
void trouble_of_text(struct str body, struct trouble *trouble);

#endif
