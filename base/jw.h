// SPDX-License-Identifier: Apache-2.0
// Writing JSON (RFC 8259) straight into a buffer. No tree is built, and nothing but the commas is taken care of: the
// caller knows the shape. Reading JSON is left to jansson.
//
//     jw_open(b, '{'); jw_key(b, "id"); jw_string(b, id); jw_close(b, '}');
//
// A comma is written unless the byte before is an opening bracket, a colon, a space or a line end, so members need no
// bookkeeping.
#ifndef BASE_JW_H
#define BASE_JW_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

void jw_open(struct buf *b, char bracket);
void jw_close(struct buf *b, char bracket);
void jw_key(struct buf *b, const char *key);
// `text` is well-formed UTF-8.
void jw_string(struct buf *b, struct str text);
void jw_i64(struct buf *b, int64_t value);
void jw_bool(struct buf *b, bool value);
// `json` is a printed JSON value and passes through as it is.
void jw_raw(struct buf *b, struct str json);

// A member that is left out when its value is absent (text.p == NULL).
void jw_member(struct buf *b, const char *key, struct str text);
void jw_member_raw(struct buf *b, const char *key, struct str json);
void jw_member_i64(struct buf *b, const char *key, int64_t value);
void jw_member_bool(struct buf *b, const char *key, bool value);

// Appends `text` escaped as inside a JSON string, without the quotes.
void jw_escape(struct buf *b, struct str text);

#endif
