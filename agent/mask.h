// SPDX-License-Identifier: Apache-2.0
// mask: replaces what looks like a key, token or password, so that a trace does not record it for everybody in the
// conversation to read. It works on a stream of text that is cut anywhere, with the same result as on the whole: what
// cannot be judged yet (the tail of a long word) is held back until its end is seen.
//
// A *run* is a stretch of key characters [A-Za-z0-9_.+~-]. A run is masked when it begins as the keys of well-known
// services do, when it is long and looks random, when the word before it names a secret ("password: …", "token=…",
// "Bearer …"), or when it is the password of a URL. Of a key that is found by its own look the first four characters
// stay.
#ifndef AGENT_MASK_H
#define AGENT_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct mask;

#define MASK_OWN_MAX 64

struct mask *mask_new(void);
void mask_free(struct mask *mask);
// Appends to `out` the part that is known to be safe.
void mask_feed(struct mask *mask, const char *p, size_t n, struct buf *out);
// Ends the text: appends what was held back, and is ready for another text.
void mask_finish(struct mask *mask, struct buf *out);

// Before any thread: a key of our own that is masked wherever it appears, whatever it looks like. Short ones, and those
// beyond MASK_OWN_MAX, are not taken.
void mask_own(const char *secret);

// True if such a key of our own stands anywhere in the text.
bool mask_has_own(const char *s);

// Masks a whole string at once; the caller frees the result.
char *mask_string(const char *s);

#endif
