// SPDX-License-Identifier: Apache-2.0
// html: the readable text of an HTML page: its title, and its text in lines and paragraphs, without scripts and styles.
// Pure, but meant for a process that may die of it: a hostile page can make a tree far larger than itself, so
// page_text.c runs this in a child with limits.
#ifndef AGENT_HTML_H
#define AGENT_HTML_H

#include "base/buf.h"

// `p` is UTF-8.
void html_to_text(const char *p, size_t n, struct buf *title, struct buf *body);
// Writes the character set that a page names in its first bytes (`<meta charset>`), in lower case, or "".
void html_charset(const char *p, size_t n, char *out, size_t out_len);

#endif
