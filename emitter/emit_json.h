/* Writes JSON objects into a buffer, straight from the values; jansson only reads. */
#ifndef EMITTER_EMIT_JSON_H
#define EMITTER_EMIT_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "emitter/emit_buf.h"

void emit_json_open(struct emit_buf *b);
void emit_json_close(struct emit_buf *b);

/* The name of the next member, with its comma. name needs no escape. */
void emit_json_name(struct emit_buf *b, const char *name);

/* A string of n bytes, made valid UTF-8. */
void emit_json_string(struct emit_buf *b, const char *bytes, size_t n);

/* Members. A NULL text or json, and a number of 0, write nothing. json is a value already printed and checked. */
void emit_json_text(struct emit_buf *b, const char *name, const char *text);
void emit_json_cut(struct emit_buf *b, const char *name, const char *text, size_t most); /* at a code point */
void emit_json_value(struct emit_buf *b, const char *name, const char *json);
void emit_json_number(struct emit_buf *b, const char *name, int64_t number);

#endif
