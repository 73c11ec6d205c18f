/*
 * tools: what the model may use. One table, one file per tool. A tool looks something up and never changes anything; it
 * says what to show of it before it runs and after, and what to tell the model. That a tool fails is a result, too.
 */
#ifndef AGENT_TOOLS_H
#define AGENT_TOOLS_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/config.h"
#include "agent/rest.h"

#define TOOLS_QUERY_CHARACTERS 500 /* of words to search for: the server's own bound */
#define TOOLS_OUTPUT_MAX 24000     /* bytes that a tool tells the model */

/* Where a tool runs. */
struct tools_scene {
    const struct config *config;
    struct rest *rest;      /* its http is that of every request */
    const char *stream_id;  /* of the session: its readers will see what is found */
    const char *trigger_id; /* the question itself is no finding */
};

/* Zeroed to begin with; free it with tools_result_fini(). */
struct tools_result {
    struct text output; /* for the model */
    json_t *content;    /* of the step when completed; NULL: as it started */
    json_t *sources;    /* an array, or NULL */
    const char *error;  /* the code, if it failed */
    char sentence[200]; /* and what people read then; the model reads it too */
};

struct tool {
    const char *name;
    const char *step_type;
    const char *description;
    const char *argument; /* its one argument, a string */
    const char *argument_description;
    size_t argument_most; /* bytes; a longer one is refused. 0: words, of which the first are taken */
    bool (*is_offered)(const struct config *config); /* NULL: always */
    /* `value` is not empty. The result's output may be as long as it likes: it is cut. */
    void (*run)(const struct tools_scene *scene, const char *value, struct tools_result *result);
};

extern const struct tool tools_workspace_search;
extern const struct tool tools_visit_page;
extern const struct tool tools_web_search;

/* NULL if there is none of that name, or it is not offered. */
const struct tool *tools_find(const struct config *config, const char *name);
/* The `tools` of a request to the model, a new reference. */
json_t *tools_describe(const struct config *config) MUST_USE;
/*
 * Takes the tool's argument out of the JSON the model wrote, without white space at its ends and within the bound. NULL
 * with a reason if it is not there, or refused; else the caller frees it.
 */
char *tools_argument(const struct tool *tool, const char *arguments, const char **reason) MUST_USE;
void tools_run(const struct tool *tool, const struct tools_scene *scene, const char *value,
               struct tools_result *result);
void tools_result_fini(struct tools_result *result);

/* For the tools: records a failure, code and sentence. */
void tools_fail(struct tools_result *result, const char *code, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
