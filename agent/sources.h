// SPDX-License-Identifier: Apache-2.0
// sources: collects over a run where the statements of an answer come from. Each source counts once, by its message if
// it is one, else by its URL, and they stay in the order in which they were found.
#ifndef AGENT_SOURCES_H
#define AGENT_SOURCES_H

#include <jansson.h>

#include "base/buf.h"
#include "base/must.h"

#define SOURCES_MAX 200 // the server's own bound

struct sources;

struct sources *sources_new(void);
void sources_free(struct sources *sources);
// Adds the sources of a JSON array, as REST takes it, that are not known yet. Beyond the bound they are left out.
void sources_add(struct sources *sources, const json_t *list);
// Returns the collected array; `sources` owns it.
json_t *sources_list(const struct sources *sources);

// Returns one web source, a new reference, or NULL if `url` is not http(s). The domain is taken from the URL.
json_t *sources_web(const char *title, const char *url, const char *snippet) MUST_USE;

#endif
