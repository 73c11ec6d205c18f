// SPDX-License-Identifier: Apache-2.0
#include "agent/tools.h"
#include "base/utf8.h"
#include "base/buf.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tool *const tools[] = {&tools_workspace_search, &tools_web_search, &tools_visit_page};

static bool is_offered(const struct tool *tool, const struct settings *settings)
{
    return !tool->is_offered || tool->is_offered(settings);
}

const struct tool *tools_find(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (strcmp(tools[i]->name, name) == 0 && is_offered(tools[i], settings))
            return tools[i];
    return NULL;
}

json_t *tools_describe(const struct settings *settings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (is_offered(tools[i], settings))
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
    struct buf argument = {0};
    size_t most = tool->argument_most;
    *reason = !object ? "the arguments are not JSON" : "the argument is missing, empty or not a string";
    size_t n;
    if (value) {
        while (isspace((unsigned char)*value))
            value++;
        n = most > 0 ? strlen(value) : utf8_first((struct str){value, strlen(value)}, TOOLS_QUERY_CHARACTERS).n;
        while (n > 0 && isspace((unsigned char)value[n - 1]))
            n--;
        buf_bytes(&argument, value, n);
    }
    json_decref(object);
    if (argument.n > 0 && (most == 0 || argument.n <= most))
        return buf_take(&argument);
    if (argument.n > 0)
        *reason = "the argument is too long";
    buf_fini(&argument);
    return NULL;
}

void tools_cut(struct buf *output)
{
    if (output->n <= TOOLS_OUTPUT_MAX)
        return;
    output->n = utf8_prefix((struct str){output->p, output->n}, TOOLS_OUTPUT_MAX).n;
    buf_lit(output, "\n(The rest was cut off.)");
}

void tools_run(const struct tool *tool, const struct tools_scene *scene, const char *value, struct tools_result *result)
{
    tool->run(scene, value, result);
    if (result->error) {
        buf_clear(&result->output);
        buf_printf(&result->output, "Error: %s", result->sentence);
    }
    tools_cut(&result->output);
}

void tools_result_fini(struct tools_result *result)
{
    buf_fini(&result->output);
    json_decref(result->content);
    json_decref(result->sources);
    *result = (struct tools_result){0};
}

void tools_fail(struct tools_result *result, const char *code, const char *format, ...)
{
    result->error = code;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(result->sentence, sizeof result->sentence, format, args);
    va_end(args);
    if (n >= (int)sizeof result->sentence) {
        size_t cut =
            utf8_prefix((struct str){result->sentence, sizeof result->sentence - 1}, sizeof result->sentence - 4).n;
        result->sentence[cut] = '\0';
    }
}
