// SPDX-License-Identifier: Apache-2.0
// Finding a member's own text in the text of a JSON object that jansson has accepted: what a client wrote passes
// through with its member order and its numbers, and no tree is printed again. Only for text that is known to be valid,
// where nothing else is said.
#ifndef CGI_SLICE_H
#define CGI_SLICE_H

#include <stdbool.h>
#include "base/buf.h"

// The next member at the top level of `object`, its key as it is written; false: there is none. *at is 0 at first.
bool slice_next(struct str object, size_t *at, struct str *key, struct str *value);

// The text of the value of `key` at the top level of `object`; STR_NONE if there is no such member (or its key is
// written with escapes). `key` has no backslash.
struct str slice_member(struct str object, struct str key);

// The key at the top level of `text`, which need not be valid JSON, whose value the byte at `offset` belongs to;
// STR_NONE if it is none's.
struct str slice_key_at(struct str text, size_t offset);

// Appends `json` without the white space between its tokens.
void slice_compact(struct buf *out, struct str json);

// True if `json`, valid or not, nests deeper than `depth` or has more than `values` commas: not worth a tree.
bool slice_is_excessive(struct str json, int depth, int values);

#endif
