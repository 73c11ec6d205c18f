/*
 * html: the readable text of an HTML page: its title, its text in lines and paragraphs, without scripts and styles.
 * Pure, but only for a process that may die of it: a hostile page can make a tree that is far larger than itself. So
 * page_text.c runs this in a child with limits.
 */
#ifndef AGENT_HTML_H
#define AGENT_HTML_H

#include "agent/text.h"

/* `p` is UTF-8. */
void html_to_text(const char *p, size_t n, struct text *title, struct text *body);
/* The character set a page names in its first bytes (`<meta charset>`), lower case, or "" . */
void html_charset(const char *p, size_t n, char *out, size_t out_len);

#endif
