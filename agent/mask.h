/*
 * mask: replaces what looks like a key, token or password, so that it is not recorded in a trace for everybody in the
 * conversation to read. Works on a stream of text cut anywhere, with the same result as on the whole: what cannot be
 * judged yet (the tail of a long word) is held back until its end is seen.
 *
 * A *run* is a stretch of key characters [A-Za-z0-9_.+~-]. A run is masked when it begins as the keys of well-known
 * services do, when it is long and looks random, when the word before it names a secret ("password: …", "token=…",
 * "Bearer …"), or when it is the password of a URL. Of a key found by its own look the first four characters stay.
 */
#ifndef AGENT_MASK_H
#define AGENT_MASK_H

#include <stddef.h>

#include "agent/text.h"

struct mask;

struct mask *mask_new(void);
void mask_free(struct mask *mask);
/* Appends to `out` what is known to be safe. */
void mask_feed(struct mask *mask, const char *p, size_t n, struct text *out);
/* The end of the text: appends what was held back, and is ready for another text. */
void mask_finish(struct mask *mask, struct text *out);

/* The whole at once; the caller frees it. */
char *mask_string(const char *s);

#endif
