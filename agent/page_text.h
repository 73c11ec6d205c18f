// SPDX-License-Identifier: Apache-2.0
// page_text: turns a fetched page into text, in a child process with limits on memory and processor time: a page that
// breaks the parser breaks one tool call and no session.
#ifndef AGENT_PAGE_TEXT_H
#define AGENT_PAGE_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/must.h"

// The program's argument that makes it the child, followed by the content type.
#define PAGE_TEXT_OPTION "--page-text"

// True for the kinds of content that can be read as text.
bool page_text_is_readable(const char *content_type);
// Returns -1 if the child died or took too long, or if `is_aborted(arg)` became true.
int page_text_read(const char *content_type, const char *p, size_t n, bool (*is_aborted)(void *arg), void *arg,
                   struct buf *title, struct buf *body) MUST_USE;
// The child's main: HTML or text on standard input, title line and text on standard output.
int page_text_child(const char *content_type);

#endif
