// Well-formed UTF-8 (Unicode 15, table 3-7): checking it, and cutting it without breaking a code point.
#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stdbool.h>
#include "lib/buf.h"

// True if `text` is well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool utf8_valid(struct str text);

// The longest prefix of well-formed `text` that has at most `most` bytes and ends between two code points.
struct str utf8_prefix(struct str text, size_t most);

#endif
