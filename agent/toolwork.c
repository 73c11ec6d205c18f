#include "agent/toolwork.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/log.h"
#include "agent/prompt.h"
#include "agent/record.h"
#include "agent/tools.h"

/* The model's call, as it must be given back to it; malformed arguments would be refused by its server. */
static json_t *describe_calls(const struct chunk_answer *answer, size_t round)
{
    json_t *list = json_array();

    for (size_t i = 0; i < answer->call_count; i++) {
        const struct chunk_tool_call *call = &answer->calls[i];
        json_t *arguments = json_loads(text_string(&call->arguments), 0, NULL);
        char id[32];

        (void)snprintf(id, sizeof id, "call_%zu_%zu", round, i);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", call->id.n > 0 ? call->id.p : id, "type",
                                        "function", "function", "name", call->name.n > 0 ? call->name.p : "unknown",
                                        "arguments", arguments != NULL ? call->arguments.p : "{}"));
        json_decref(arguments);
    }
    return list;
}

static void record_misuse(struct run *run, const char *name, const char *message, const char *details)
{
    json_t *content = json_pack("{s:s, s:s, s:s}", "tool", name, "message", message, "details", details);

    record_whole(run->session, run->reconsidering, "tool_error", content);
    json_decref(content);
}

static void use(struct run *run, const struct tool *tool, const char *value, struct text *output)
{
    const struct tools_scene scene = {
        .config = run->config, .rest = &run->rest, .stream_id = run->stream_id, .trigger_id = run->trigger_id};
    json_t *content = json_pack("{s:s}", tool->argument, value);
    struct trace_step *step = record_start(run->session, run->reconsidering, tool->step_type, content);
    struct tools_result result = {0};

    tools_run(tool, &scene, value, &result);
    sources_add(run->sources, result.sources);
    record_end(step, &(struct record_outcome){.content = result.content,
                                              .sources = result.sources,
                                              .error_code = result.error,
                                              .error_sentence = result.sentence});
    text_add_utf8(output, text_string(&result.output), result.output.n);
    tools_result_fini(&result);
    json_decref(content);
}

static void do_call(struct run *run, const struct chunk_tool_call *call, const char *id)
{
    const char *name = text_string(&call->name), *reason;
    const struct tool *tool = tools_find(run->config, name);
    struct text output = {0};
    char *value = NULL;

    if (tool == NULL) {
        record_misuse(run, name, "There is no such tool.", text_string(&call->arguments));
        text_adds(&output, "Error: there is no such tool.");
    } else if ((value = tools_argument(tool, text_string(&call->arguments), &reason)) == NULL) {
        record_misuse(run, name, "The tool was called wrongly.", reason);
        text_addf(&output, "Error: %s.", reason);
    } else {
        use(run, tool, value, &output);
    }
    json_array_append_new(run->messages, prompt_tool_output(id, name, text_string(&output)));
    free(value);
    text_fini(&output);
}

void toolwork_do(struct run *run, const struct chunk_answer *answer)
{
    json_t *calls = describe_calls(answer, json_array_size(run->messages));

    json_array_append_new(run->messages, prompt_assistant(text_string(&answer->content), calls));
    for (size_t i = 0; i < answer->call_count && !run_is_stopped(run); i++)
        do_call(run, &answer->calls[i], json_string_value(json_object_get(json_array_get(calls, i), "id")));
    json_decref(calls);
}
