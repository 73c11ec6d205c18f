// SPDX-License-Identifier: Apache-2.0
// The text of one step while it grows: merged, cut at code points, sent at a bounded rate, stored now and then. Pure:
// the caller provides the clock and the network, and holds the lock.
//
// Invariants: the text is valid UTF-8; confirmed <= text.n while it is known; a delta starts at what was confirmed, so
// that a lost send leaves no hole (the server cuts an overlap off).
#ifndef EMITTER_EMIT_PROGRESS_H
#define EMITTER_EMIT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "emitter/emit_buf.h"

struct emit_pace {
    int64_t progress_ms;
    int64_t checkpoint_ms;
    size_t progress_bytes;
};

// A state of the text. Within one edition the text only grows; a text that is not a continuation begins a new edition.
struct emit_mark {
    uint64_t edition;
    size_t length;
};

// The zero value is empty.
struct emit_progress {
    int64_t n; // the number of the last request, by which the server orders them; the caller may set its beginning
    struct emit_buf text;
    char split[4]; // the start of a code point whose rest has not come
    size_t split_n;
    uint64_t edition;
    struct emit_mark confirmed; // what the server was shown
    struct emit_mark stored;    // what it has stored
    struct emit_mark sending;   // what is under way
    bool storing;               // what is under way is to be stored
    bool was_storing;           // something was
    int64_t sent_at_ms, stored_at_ms;
};

// Take more of the text, or the whole text so far. Return whether that changes anything: false if the text was that
// already.
bool emit_progress_append(struct emit_progress *p, const char *bytes, size_t n, int64_t now);
bool emit_progress_replace(struct emit_progress *p, const char *bytes, size_t n, int64_t now);

// Returns when something is to be sent; INT64_MAX for never, as things stand. With hurry it is at once if there is
// anything new.
int64_t emit_progress_due(const struct emit_progress *p, const struct emit_pace *pace, bool hurry);

// The content of one request: a copy, so that it can be printed while the text goes on.
struct emit_excerpt {
    struct emit_buf text; // used again by the next
    int64_t n;
    size_t offset; // of a delta
    bool whole, stored;
};

// Takes what is to be sent; only one at a time, until emit_progress_sent() has reported its outcome.
void emit_progress_take(struct emit_progress *p, const struct emit_pace *pace, int64_t now, struct emit_excerpt *out);
void emit_progress_sent(struct emit_progress *p, bool accepted);

// Appends the request's body.
void emit_progress_print(const struct emit_excerpt *excerpt, struct emit_buf *body);

void emit_progress_fini(struct emit_progress *p);

#endif
