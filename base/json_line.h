// SPDX-License-Identifier: Apache-2.0
// JSON as one line, for readers that split lines at more than LF: Python's str.splitlines() does so at U+0085, U+2028
// and U+2029 too. In JSON these stand only in strings, where an escape says the same. It also finds where printed JSON
// may be cut. All of it takes well-formed JSON, as our own printers make it; of anything else it may misjudge the
// meaning, never the bounds.
#ifndef BASE_JSON_LINE_H
#define BASE_JSON_LINE_H

#include <stdint.h>
#include "base/buf.h"

// How long `json` is as one line.
size_t json_line_length(struct str json);
// Writes exactly that many bytes and returns their end. CR and LF, which are white space there, become spaces.
char *json_line_print(char *at, struct str json);

// The length of the character at the front of a string's printed inside, and in *text how many UTF-8 bytes it stands
// for; 0 if it is cut off or not JSON.
size_t json_line_char(struct str at, int64_t *text);
// The longest beginning of a string's printed inside that takes at most `most` bytes of a line; it ends between
// characters. In *text how many UTF-8 bytes it stands for.
size_t json_line_prefix(struct str inside, size_t most, int64_t *text);

// The length of the value at the front of `at`.
size_t json_line_value(struct str at);
// The value of an object's member, as a view; {NULL, 0} if there is none.
struct str json_line_member(struct str object, struct str name);

#endif
