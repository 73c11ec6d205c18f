// SPDX-License-Identifier: Apache-2.0
// Ids: a prefix and a ULID (48 bits of milliseconds, 80 random bits, in Crockford's base 32). Made by trace_id_new().
#ifndef EMITTER_EMIT_ID_H
#define EMITTER_EMIT_ID_H

#include <stdbool.h>

// True if text is an id with this prefix, such as "ses_"; such a text is safe inside a path. False for NULL.
bool emit_id_is(const char *text, const char *prefix);

#endif
