// SPDX-License-Identifier: Apache-2.0
// Ids: a prefix and a ULID ("ses_01J…", 26 characters of Crockford's base 32; github.com/ulid/spec). The server or a
// client makes them; all must have exactly this form, so that an id can be printed into a URL, a header or an SSE line
// without escaping.
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include "base/buf.h"

enum { ID_ULID = 26, ID_SIZE = 4 + ID_ULID + 1 };

// Writes a fresh id with its NUL, for example id_new(id, "ses"): the time in milliseconds and 80 random bits.
// A prefix has at most three letters.
void id_new(char id[static ID_SIZE], const char *prefix);

// True if `text` is `prefix`, an underscore and a ULID of upper-case digits not above 7ZZZ….
bool id_valid(struct str text, const char *prefix);

// True if it is valid with the prefix of something that has ids here: a person, a persona, a session, …
bool id_is_ours(struct str text);

// When an id was made, in milliseconds since 1970. The id must have passed id_valid().
int64_t id_time_ms(struct str id);

// `n` random bytes from the kernel.
void id_random(void *p, size_t n);
// A random number from 0 up to, but not including, `bound`.
uint32_t id_random_below(uint32_t bound);

// Appends `n` random bytes as characters that need no escaping anywhere (base64url without padding).
void id_secret(struct buf *b, size_t n);

#endif
