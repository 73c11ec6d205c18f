#include "agent/tools.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tool *const tools[] = {&tools_workspace_search, &tools_web_search, &tools_visit_page};

static bool is_offered(const struct tool *tool, const struct config *config)
{
    return tool->is_offered == NULL || tool->is_offered(config);
}

const struct tool *tools_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (strcmp(tools[i]->name, name) == 0 && is_offered(tools[i], config))
            return tools[i];
    return NULL;
}

json_t *tools_describe(const struct config *config)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (is_offered(tools[i], config))
            json_array_append_new(list, json_pack("{s:s, s:{s:s, s:s, s:{s:s, s:{s:{s:s, s:s}}, s:[s]}}}", "type",
                                                  "function", "function", "name", tools[i]->name, "description",
                                                  tools[i]->description, "parameters", "type", "object", "properties",
                                                  tools[i]->argument, "type", "string", "description",
                                                  tools[i]->argument_description, "required", tools[i]->argument));
    return list;
}

char *tools_argument(const struct tool *tool, const char *arguments, const char **reason)
{
    json_t *object = json_loads(arguments, 0, NULL);
    const char *value = json_string_value(json_object_get(object, tool->argument));
    struct text argument = {0};
    size_t n, most = tool->argument_most;

    *reason = object == NULL ? "the arguments are not JSON" : "the argument is missing, empty or not a string";
    if (value != NULL) {
        while (isspace((unsigned char)*value))
            value++;
        n = most > 0 ? strlen(value) : text_utf8_first(value, strlen(value), TOOLS_QUERY_CHARACTERS);
        while (n > 0 && isspace((unsigned char)value[n - 1]))
            n--;
        text_add(&argument, value, n);
    }
    json_decref(object);
    if (argument.n > 0 && (most == 0 || argument.n <= most))
        return text_take(&argument);
    if (argument.n > 0)
        *reason = "the argument is too long";
    text_fini(&argument);
    return NULL;
}

static void cut_output(struct text *output)
{
    if (output->n <= TOOLS_OUTPUT_MAX)
        return;
    output->n = text_utf8_cut(output->p, output->n, TOOLS_OUTPUT_MAX);
    text_adds(output, "\n(The rest was cut off.)");
}

void tools_run(const struct tool *tool, const struct tools_scene *scene, const char *value, struct tools_result *result)
{
    tool->run(scene, value, result);
    if (result->error != NULL) {
        text_clear(&result->output);
        text_addf(&result->output, "Error: %s", result->sentence);
    }
    cut_output(&result->output);
}

void tools_result_fini(struct tools_result *result)
{
    text_fini(&result->output);
    json_decref(result->content);
    json_decref(result->sources);
    *result = (struct tools_result){0};
}

void tools_fail(struct tools_result *result, const char *code, const char *format, ...)
{
    va_list args;
    int n;

    result->error = code;
    va_start(args, format);
    n = vsnprintf(result->sentence, sizeof result->sentence, format, args);
    va_end(args);
    if (n >= (int)sizeof result->sentence) {
        size_t cut = text_utf8_cut(result->sentence, sizeof result->sentence - 1, sizeof result->sentence - 4);

        result->sentence[cut] = '\0';
    }
}
