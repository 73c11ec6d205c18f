// The text of one step while it is being written: JSON-escaped, so that it is printed without being read, beside its
// length in UTF-8 bytes, in which clients count offsets. Order comes from stamps and offsets, never from arrival: what
// is older than the last whole content is dropped, an overlap is cut off, a delta that came before its predecessor
// waits a little, and one beyond a hole that never fills is ignored until the next content.
// It is text alone: not the step's state (sse/step.h) and not the printing of events.
#ifndef SSE_TEXT_H
#define SSE_TEXT_H

#include <stdint.h>
#include "lib/buf.h"

enum { TEXT_EARLY_MAX = 16, TEXT_EARLY_BYTES = 64 * 1024, TEXT_PIECES_MAX = 128 };

// One message about the text: a whole content or a delta, perhaps in pieces, which have everything but `piece` and
// `escaped` in common.
struct text_part {
    int64_t stamp;
    int64_t offset;  // delta: length of the text before it
    int64_t raw;     // UTF-8 bytes of the whole text of this message, of all its pieces
    unsigned piece;  // this one of …
    unsigned pieces; // … so many; 0 and 1 are the same
    struct str escaped;
};

struct text_early;  // deltas that wait for their predecessor
struct text_pieces; // an incomplete message

struct text {
    struct buf escaped;
    int64_t raw;
    int64_t stamp;       // of the last whole content
    uint32_t generation; // raised whenever the text is replaced; within one generation it only grows
    struct text_early *early;
    struct text_pieces *pieces;
};

enum text_change { TEXT_SAME, TEXT_REPLACED, TEXT_APPENDED };

void text_fini(struct text *text);
// Gives the memory back; the stamp stays, so what was stale is stale still.
void text_forget(struct text *text);
enum text_change text_content(struct text *text, const struct text_part *part);
enum text_change text_delta(struct text *text, const struct text_part *part);
// The text as it was stored, where none is known.
void text_restore(struct text *text, struct str escaped, int64_t raw);
size_t text_memory(const struct text *text);

// How many escaped bytes stand for the first `raw` bytes; -1 if that is inside a code point or behind the end.
long text_skip(struct str escaped, int64_t raw);

#endif
