// SPDX-License-Identifier: Apache-2.0
// written: finds tool calls that a model has written as text because its server does not parse them: between tags, in
// the channels of Harmony, or as bare JSON. Pure. Whether to run them is the caller's; such a text is never an answer.
#ifndef AGENT_MODEL_WRITTEN_H
#define AGENT_MODEL_WRITTEN_H

#include "agent/model/calls.h"

enum written {
    WRITTEN_NOTHING, // it is text
    WRITTEN_CALLS,   // nothing but calls of tools that were offered
    WRITTEN_MIXED    // calls that must not be run: beside other text, or of tools that were not offered
};

// `content` is that of a message without its thinking; `calls` is filled for WRITTEN_CALLS.
enum written written_find(struct str content, const json_t *tools, struct calls *calls);

// Channels of Harmony: appends what was analysed to `thought`, and the answer and the calls to `text`. False if there
// are no channels, and nothing was appended.
bool written_channels(struct str content, struct buf *thought, struct buf *text);

#endif
