// SPDX-License-Identifier: Apache-2.0
// findings: reads the outputs of the agent's tools back into items with a title, a link and a text. Pure.
#ifndef AGENT_DEMO_FINDINGS_H
#define AGENT_DEMO_FINDINGS_H

#include <stddef.h>

#include "base/buf.h"

#define FINDINGS_MAX 3

struct finding {
    struct buf title;
    struct buf link;
    struct buf excerpt; // at most some 280 characters, on one line
};

struct findings {
    struct finding item[FINDINGS_MAX];
    size_t count;
    size_t total; // also those beyond the bound
};

// Adds the items of one output. An item whose text is `question` itself is left out.
void findings_read(struct findings *findings, const char *output, const char *question);
void findings_fini(struct findings *findings);

#endif
