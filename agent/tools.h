// SPDX-License-Identifier: Apache-2.0
// tools: the tools that the model may use. There is one table, and one file for each tool. A tool looks something up
// and never changes anything. It says what to show of it before it runs and afterwards, and what to tell the model. A
// failure of a tool is a result like any other.
#ifndef AGENT_TOOLS_H
#define AGENT_TOOLS_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/settings.h"
#include "agent/rest.h"
#include "base/must.h"

#define TOOLS_QUERY_CHARACTERS 500 // of words to search for: the server's own bound
#define TOOLS_OUTPUT_MAX 24000     // bytes that a tool tells the model

// The surroundings of a tool.
struct tools_scene {
    const struct settings *settings;
    struct rest *rest;      // its http is that of every request
    const char *stream_id;  // of the session: its readers will see what is found
    const char *trigger_id; // the question itself is no finding
    bool stays;             // a page's redirects do not leave the host that was named
};

// Zeroed to begin with; free it with tools_result_fini().
struct tools_result {
    struct buf output;  // for the model
    json_t *content;    // of the step when completed; NULL: as it started
    json_t *sources;    // an array, or NULL
    const char *error;  // the code, if it failed
    char sentence[200]; // and what people read then; the model reads it too
};

struct tool {
    const char *name;
    const char *step_type;
    const char *description;
    const char *argument; // its one argument, a string
    const char *argument_description;
    size_t argument_most; // bytes; a longer one is refused. 0: words, of which the first are taken
    bool reaches_out;     // to an address that the model names
    bool (*is_offered)(const struct settings *settings); // NULL: always
    // `value` is not empty. The output may be of any length: it is cut afterwards.
    void (*run)(const struct tools_scene *scene, const char *value, struct tools_result *result);
};

extern const struct tool tools_workspace_search;
extern const struct tool tools_visit_page;
extern const struct tool tools_web_search;

// Returns NULL if there is no tool of that name, or if it is not offered.
const struct tool *tools_find(const struct settings *settings, const char *name);
// Returns the `tools` of a request to the model, a new reference.
json_t *tools_describe(const struct settings *settings) MUST_USE;
// Takes the tool's argument out of the JSON that the model wrote, without white space at its ends and within the bound.
// Returns NULL with a reason if it is missing or refused; else the caller frees it.
char *tools_argument(const struct tool *tool, const char *arguments, const char **reason) MUST_USE;
void tools_run(const struct tool *tool, const struct tools_scene *scene, const char *value,
               struct tools_result *result);
// Cuts what the model is told to its bound, and says so in it.
void tools_cut(struct buf *output);
void tools_result_fini(struct tools_result *result);

// Used by the tools: records a failure with its code and sentence.
void tools_fail(struct tools_result *result, const char *code, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
