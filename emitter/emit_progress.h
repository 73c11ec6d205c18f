/*
 * The text of one step while it is written: merged, cut at code points, sent at most so often, stored now and then.
 * Pure: the caller brings the clock and the network, and holds the lock.
 *
 * Invariants: text is valid UTF-8; confirmed <= text.n while known; a delta starts at what was confirmed, so that a
 * lost send leaves no hole (the server cuts an overlap off).
 */
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

/* A state of the text: the same edition only grows; a text that is not a continuation begins a new one. */
struct emit_mark {
    uint64_t edition;
    size_t length;
};

/* Zeroed is empty. */
struct emit_progress {
    struct emit_buf text;
    char split[4]; /* the start of a code point whose rest has not come */
    size_t split_n;
    uint64_t edition;
    struct emit_mark confirmed; /* what the server was shown */
    struct emit_mark stored;    /* what it has stored */
    struct emit_mark sending;   /* what is under way */
    bool storing;               /* what is under way is to be stored */
    bool was_storing;           /* something was */
    int64_t sent_at, stored_at;
};

/* More of the text, or the whole text so far. Whether now changes anything: false if the text was that already. */
bool emit_progress_append(struct emit_progress *p, const char *bytes, size_t n, int64_t now);
bool emit_progress_replace(struct emit_progress *p, const char *bytes, size_t n, int64_t now);

/* When something is to be sent: INT64_MAX never, as it stands. hurry: at once, if there is anything new. */
int64_t emit_progress_due(const struct emit_progress *p, const struct emit_pace *pace, bool hurry);

/* What one request says: a copy, so that it can be printed while the text goes on. */
struct emit_excerpt {
    struct emit_buf text; /* used again by the next */
    size_t offset;        /* of a delta */
    bool whole, stored;
};

/* Takes what is to be sent; one at a time, until emit_progress_sent() has said how it went. */
void emit_progress_take(struct emit_progress *p, const struct emit_pace *pace, int64_t now, struct emit_excerpt *out);
void emit_progress_sent(struct emit_progress *p, bool accepted);

/* Appends the request's body. */
void emit_progress_print(const struct emit_excerpt *excerpt, struct emit_buf *body);

void emit_progress_fini(struct emit_progress *p);

#endif
