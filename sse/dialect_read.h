// SPDX-License-Identifier: Apache-2.0
// Reading the events that this program prints itself (store/step_json.h, session_core_json() in the database): views of
// the members that dialects need. Pure.
#ifndef SSE_DIALECT_READ_H
#define SSE_DIALECT_READ_H

#include "sse/dialect_parts.h"
#include "sse/frame.h"

// The frame's name and body. False if it is not a single event.
bool dialect_read_frame(const struct frame *frame, struct str *name, struct str *body);
// Views of the body's step or session; false if it has none.
bool dialect_read_step(struct dialect_step *step, struct str body);
bool dialect_read_run(struct dialect_run *run, struct str body);

enum dialect_form dialect_read_form(struct str type);
// The call in a step's content, or in the content with which it started.
void dialect_read_tool(struct dialect_tool *tool, const struct dialect_step *step);
// The text of a content: a string, or an object's `text`. STR_NONE if it has none.
struct str dialect_read_text(struct str content);
// The inside of a printed string; STR_NONE if the value is none.
struct str dialect_read_string(struct str json);

#endif
