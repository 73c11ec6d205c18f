/*
 * plan: what the demo model thinks and says next, from a request to /chat/completions. Pure and deterministic: it
 * searches for the question's words, with fewer words when that finds nothing, and then quotes what was found.
 */
#ifndef AGENT_DEMO_PLAN_H
#define AGENT_DEMO_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/text.h"

struct plan {
    struct text question; /* as it was put, without the name of who put it */
    struct text reasoning;
    struct text content;  /* the answer; empty if a tool is used */
    const char *tool;     /* NULL: none */
    const char *argument; /* its name */
    struct text value;    /* its value */
};

/* -1 if the request has no list of messages. Free with plan_fini() either way. */
int plan_make(const json_t *request, struct plan *plan) MUST_USE;
void plan_fini(struct plan *plan);

#endif
