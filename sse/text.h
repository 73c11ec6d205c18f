// SPDX-License-Identifier: Apache-2.0
// The text of one step while it is being written. It is kept JSON-escaped, so that it can be printed without being
// read, beside its length in UTF-8 bytes, in which clients count offsets. Order comes from the
// writer's own numbers, else from stamps, and from offsets, never from arrival: what is older than the last whole
// content is dropped, an overlap is cut off, a delta that arrived before its predecessor waits for it, and a delta
// beyond a hole that is never filled is ignored from the next content on. The state of the step is sse/step.h, and the
// printing of events is there too.
#ifndef SSE_TEXT_H
#define SSE_TEXT_H

#include <stdint.h>
#include "base/buf.h"

enum { TEXT_EARLY_MAX = 16, TEXT_EARLY_BYTES = 64 * 1024, TEXT_PIECES_MAX = 128 };

// One message about the text: a whole content or a delta. It may come in pieces, which have everything in common but
// `piece` and `escaped`.
struct text_part {
    int64_t n; // the writer's own order; 0: none
    int64_t stamp_ns;
    int64_t offset;  // of a delta: length of the text before it
    int64_t raw;     // UTF-8 bytes of this message's whole text, all pieces together
    unsigned piece;  // this one of …
    unsigned pieces; // … so many; 0 and 1 are the same
    struct str escaped;
};

struct text_early;  // deltas that wait for their predecessors
struct text_pieces; // incomplete messages

struct text {
    struct buf escaped;
    int64_t raw;
    int64_t n, stamp_ns; // of the last whole content
    uint32_t generation; // raised whenever the text is replaced; within one generation it only grows
    struct text_early *early;
    struct text_pieces *pieces;
};

enum text_change { TEXT_SAME, TEXT_REPLACED, TEXT_APPENDED };

void text_fini(struct text *text);
// Gives the memory back. The stamp stays, so what was stale remains stale.
void text_forget(struct text *text);
enum text_change text_content(struct text *text, const struct text_part *part);
// A whole text as another pusher has it: it may also be of the same content as this one, with more behind it.
enum text_change text_so_far(struct text *text, const struct text_part *part);
enum text_change text_delta(struct text *text, const struct text_part *part);
// Takes the stored text if no other is known.
void text_restore(struct text *text, struct str escaped, int64_t raw);
size_t text_memory(const struct text *text);

// Returns how many escaped bytes stand for the first `raw` bytes, or -1 if they end inside a code point or behind the
// text.
long text_skip(struct str escaped, int64_t raw);

#endif
