// SPDX-License-Identifier: Apache-2.0
// Well-formed UTF-8 (Unicode 15, table 3-7): checking it, mending it, counting its code points, and cutting it without
// breaking one.
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include "base/buf.h"

// True if `text` is well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool utf8_valid(struct str text);

// The longest prefix of well-formed `text` that has at most `most` bytes and ends between two code points.
struct str utf8_prefix(struct str text, size_t most);

// True for the first byte of a code point, false for the bytes that continue one.
bool utf8_is_first(char byte);

// How many code points well-formed `text` has.
size_t utf8_length(struct str text);

// The longest prefix of well-formed `text` that has at most `count` code points.
struct str utf8_first(struct str text, size_t count);

// Appends any bytes as well-formed text that may be sent as JSON: every byte that begins no sequence becomes U+FFFD,
// and NUL is left out.
void utf8_mend(struct buf *out, struct str text);

#endif
