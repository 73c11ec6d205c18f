// SPDX-License-Identifier: Apache-2.0
// thinking: tells a model's thinking from its answer where a server leaves both in the content, between tags such as
// <think> and </think>. Pure.
//
// Tags count at the beginning of a message only: a tag that an answer quotes is text. A server whose template opens the
// tag itself sends the closing one alone; then everything before it is thinking. What is never closed is all thinking.
#ifndef AGENT_MODEL_THINKING_H
#define AGENT_MODEL_THINKING_H

#include <stdbool.h>

#include "base/buf.h"

// Appends the thinking of a whole message to `thought`, and the rest, without blanks at its start, to `text`.
void thinking_split(struct str content, struct buf *thought, struct buf *text);

// The same while the message grows, for showing it. Zeroed, it is at the beginning of one.
struct thinking {
    struct buf held;   // may be the beginning of a tag, or the blanks around one
    int open;          // the tag that is open, counted from 1; 0: none
    bool is_answering; // no tag counts any more
};

struct thinking_sink {
    void (*on_text)(void *arg, bool is_thought, struct str text);
    void *arg;
};

void thinking_feed(struct thinking *thinking, struct str content, const struct thinking_sink *sink);
// The end of the message: passes on what was held.
void thinking_finish(struct thinking *thinking, const struct thinking_sink *sink);

#endif
