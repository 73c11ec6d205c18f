// SPDX-License-Identifier: Apache-2.0
// Writes JSON objects into a buffer, straight from the values; jansson only reads, which begins here.
#ifndef EMITTER_EMIT_JSON_H
#define EMITTER_EMIT_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "emitter/emit_buf.h"

void emit_json_open(struct emit_buf *b);
void emit_json_close(struct emit_buf *b);

// Writes the name of the next member, with its comma. The name needs no escaping.
void emit_json_name(struct emit_buf *b, const char *name);

// Writes a string of n bytes, made valid UTF-8.
void emit_json_string(struct emit_buf *b, const char *bytes, size_t n);

// Write one member each. A NULL text or json, and a number of 0, write nothing. json is a value that is already printed
// and checked.
void emit_json_text(struct emit_buf *b, const char *name, const char *text);
void emit_json_cut(struct emit_buf *b, const char *name, const char *text, size_t most); // at a code point
void emit_json_value(struct emit_buf *b, const char *name, const char *json);
void emit_json_number(struct emit_buf *b, const char *name, int64_t number);
// A time of RFC 3339 in UTC, of milliseconds since 1970; 0 writes nothing.
void emit_json_time(struct emit_buf *b, const char *name, int64_t ms);

// Reads a value to look at it: whole numbers that fit no 64 bits do no harm, but then all numbers are reals. NULL: it
// is not JSON, or is neither an object nor an array and `flags` do not have JSON_DECODE_ANY.
json_t *emit_json_read(const char *json, size_t n, size_t flags);
// The text of that member of an object that jansson has read, and its length; NULL if there is none. Of several the
// last one counts, as it does for jansson.
const char *emit_json_member(const char *object, size_t n, const char *name, size_t *length);

#endif
