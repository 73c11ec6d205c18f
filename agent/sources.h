/*
 * sources: where the statements of an answer come from, collected over a run, each once: by its message if it is one,
 * else by its URL. Kept in the order found.
 */
#ifndef AGENT_SOURCES_H
#define AGENT_SOURCES_H

#include <jansson.h>

#include "agent/text.h"

#define SOURCES_MAX 200 /* the server's own bound */

struct sources;

struct sources *sources_new(void);
void sources_free(struct sources *sources);
/* Adds each source of a JSON array, as REST takes it, that is not known yet; beyond the bound they are left out. */
void sources_add(struct sources *sources, const json_t *list);
/* The array collected; owned by `sources`. */
json_t *sources_list(const struct sources *sources);

/* One web source, a new reference; NULL if `url` is not http(s). The domain is taken from the URL. */
json_t *sources_web(const char *title, const char *url, const char *snippet) MUST_USE;

#endif
