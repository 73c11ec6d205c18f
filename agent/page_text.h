/*
 * page_text: a fetched page as text, made in a child process with limits of memory and processor time: a page that
 * breaks the parser breaks one tool call and no session.
 */
#ifndef AGENT_PAGE_TEXT_H
#define AGENT_PAGE_TEXT_H

#include <stdbool.h>

#include "agent/text.h"

/* The program's argument that makes it the child, followed by the content type. */
#define PAGE_TEXT_OPTION "--page-text"

/* Once, before any thread: remembers where this program is. */
int page_text_init(void) MUST_USE;
/* True for the kinds of content that can be read as text. */
bool page_text_is_readable(const char *content_type);
/* -1 if the child died, took too long, or `is_aborted(arg)` said so in between. */
int page_text_read(const char *content_type, const char *p, size_t n, bool (*is_aborted)(void *arg), void *arg,
                   struct text *title, struct text *body) MUST_USE;
/* The child's main: HTML or text on standard input, title line and text on standard output. */
int page_text_child(const char *content_type);

#endif
