// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 has it: text that comes from models and tools is made valid, and is cut between code points only.
#ifndef EMITTER_EMIT_UTF8_H
#define EMITTER_EMIT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "emitter/emit_buf.h"

// Appends bytes to out, each maximal ill-formed part and each NUL as U+FFFD. Unless last, an incomplete code point at
// the end is left out: returns the bytes consumed, n but for at most three.
size_t emit_utf8_clean(struct emit_buf *out, const char *bytes, size_t n, bool last);

#endif
