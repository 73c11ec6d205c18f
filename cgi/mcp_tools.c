// SPDX-License-Identifier: Apache-2.0
#include "cgi/mcp_tools.h"

#include "cgi/reply.h"
#include "base/id.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "store/mcp.h"

enum kind { KIND_TEXT, KIND_SESSION, KIND_TIME, KIND_NUMBER };

enum { TEXT_MAX = 500, NUMBER_MAX = 2000000000, HINT_BYTES = 200 };

struct parameter_row {
    const char *name;
    enum kind kind;
    bool is_required;
    const char *description;
    const char *values; // the only ones that it may have, as a JSON array; NULL: any
};

#define CURSOR                                                                                                         \
    {                                                                                                                  \
        "cursor", KIND_TEXT, false, "As an earlier answer names it, for what follows there.", NULL                     \
    }
#define SINCE(text)                                                                                                    \
    {                                                                                                                  \
        "since", KIND_TIME, false, text, NULL                                                                          \
    }

// In the order of the statements' parameters (store/mcp.h).
static const struct tool {
    const char *name, *title, *description;
    struct parameter_row parameters[STORE_MCP_ARGUMENTS_MAX];
} tools[STORE_MCP__MAX] = {
    [STORE_MCP_SEARCH_SESSIONS] =
        {"search_sessions",
         "Search runs of agents",
         "Lists sessions (runs of agents), newest first, a line each: id, status, when, duration, steps, tokens, "
         "persona, title, thread, error.",
         {{"q", KIND_TEXT, false, "Words in title, error, project, tags or persona; case does not matter.", NULL},
          {"status", KIND_TEXT, false, "Only sessions of that status.",
           "[\"pending\",\"running\",\"completed\",\"failed\",\"cancelled\"]"},
          SINCE("Only sessions created since then; ISO 8601."),
          {"thread", KIND_TEXT, false, "Only sessions of that conversation (thread).", NULL},
          CURSOR}},
    [STORE_MCP_GET_SESSION] = {"get_session",
                               "Show a run as a tree",
                               "The skeleton of a session: a line for each step, indented by depth: number, type, "
                               "name, milliseconds, error. Read single steps with get_step.",
                               {{"session", KIND_SESSION, true, "Id of the session: ses_…", NULL}, CURSOR}},
    [STORE_MCP_GET_STEP] = {"get_step",
                            "Read a step",
                            "What one step of a session says: a range of characters of its content, input, output, "
                            "attributes, events or error.",
                            {{"session", KIND_SESSION, true, "Id of the session: ses_…", NULL},
                             {"step", KIND_NUMBER, true, "Number of the step: 7 for #7.", NULL},
                             {"part", KIND_TEXT, false, "What of it; content if not said.",
                              "[\"content\",\"input\",\"output\",\"attributes\",\"events\",\"error\"]"},
                             {"from", KIND_NUMBER, false, "First character, counted from 0.", NULL},
                             {"length", KIND_NUMBER, false, "Characters; 8000 if not said, 16000 at most.", NULL}}},
    [STORE_MCP_SESSION_ERRORS] = {"session_errors",
                                  "What went wrong",
                                  "The failed steps of a session with their messages; without a session, the sessions "
                                  "that failed, each with the first step of it that did.",
                                  {{"session", KIND_SESSION, false, "Id of the session: ses_…", NULL},
                                   SINCE("Without a session: those created since then, ISO 8601; a day if not said."),
                                   CURSOR}},
    [STORE_MCP_COMPARE] = {"compare_sessions",
                           "Compare two runs",
                           "Two sessions side by side: facts, steps by type, and the lines in which their trees "
                           "differ.",
                           {{"a", KIND_SESSION, true, "Id of a session: ses_…", NULL},
                            {"b", KIND_SESSION, true, "Id of another session: ses_…", NULL},
                            CURSOR}},
};

static bool is_parameter(const struct tool *tool, size_t i)
{
    return i < STORE_MCP_ARGUMENTS_MAX && tool->parameters[i].name;
}

static void print_schema(struct buf *out, const struct tool *tool)
{
    jw_key(out, "inputSchema");
    buf_lit(out, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; is_parameter(tool, i); i++) {
        const struct parameter_row *p = &tool->parameters[i];
        jw_key(out, p->name);
        jw_open(out, '{');
        jw_member(out, "type", p->kind == KIND_NUMBER ? STR("integer") : STR("string"));
        jw_member(out, "description", str_from(p->description));
        if (p->kind == KIND_NUMBER)
            jw_member_i64(out, "minimum", 0);
        if (p->values)
            jw_member_raw(out, "enum", str_from(p->values));
        jw_close(out, '}');
    }
    buf_lit(out, "},\"required\":[");
    for (size_t i = 0; is_parameter(tool, i); i++)
        if (tool->parameters[i].is_required)
            jw_string(out, str_from(tool->parameters[i].name));
    buf_lit(out, "],\"additionalProperties\":false}");
}

void mcp_tools_print(struct buf *out)
{
    jw_key(out, "tools");
    jw_open(out, '[');
    for (const struct tool *tool = tools; tool < tools + STORE_MCP__MAX; tool++) {
        jw_open(out, '{');
        jw_member(out, "name", str_from(tool->name));
        jw_member(out, "title", str_from(tool->title));
        jw_member(out, "description", str_from(tool->description));
        print_schema(out, tool);
        jw_member_raw(out, "annotations", STR("{\"readOnlyHint\":true,\"openWorldHint\":false}"));
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static bool is_one_of(const char *values, struct str text)
{
    struct buf quoted = {0};
    jw_string(&quoted, text);
    bool found = memmem(values, strlen(values), quoted.p, quoted.n) != NULL;
    buf_fini(&quoted);
    return found;
}

// The value as the statement's parameter. 0, or -1 if it is not of its kind.
static int read_value(struct request *r, const struct parameter_row *p, json_t *value, const char **argument)
{
    if (!value || json_is_null(value))
        return p->is_required ? -1 : 0;
    if (p->kind == KIND_NUMBER) {
        if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > NUMBER_MAX)
            return -1;
        *argument = request_keep_i64(r, json_integer_value(value));
        return 0;
    }
    struct str text = {json_string_value(value), json_string_length(value)};
    if (!text.p || utf8_length(text) > TEXT_MAX || memchr(text.p, '\0', text.n) ||
        (p->values && !is_one_of(p->values, text)) || (p->kind == KIND_SESSION && !id_valid(text, "ses")))
        return -1;
    if (text.n)
        *argument = request_keep(r, text);
    return text.n || !p->is_required ? 0 : -1;
}

static const struct tool *find_tool(struct str name)
{
    for (const struct tool *tool = tools; tool < tools + STORE_MCP__MAX; tool++)
        if (str_eq(name, str_from(tool->name)))
            return tool;
    return NULL;
}

static void print_cursor(struct buf *text, const char *what, struct str place)
{
    buf_printf(text, "%s: call again with \"cursor\": \"%.*s\".\n", what, (int)place.n, place.p);
}

// Whether there may be rows behind those that came is for the statement to know: it stops at a round number, or its
// last row has a place and no line.
static void hint(struct buf *text, const struct store_answer *answer)
{
    struct str line, place;
    int rows = store_answer_rows(answer);
    if (rows <= 1)
        return;
    store_mcp_read(answer, rows - 1, &line, &place);
    if (!line.p && place.n)
        print_cursor(text, "Not all sessions were looked at yet", place);
    else if ((rows - 1) % 100 == 0 && place.n)
        print_cursor(text, "There may be more", place);
}

// Rows as lines within the bound, and the cursor behind the last of them if there are more.
static void gather(struct buf *text, const struct store_answer *answer)
{
    struct str line, place, last = STR_NONE;
    int rows = store_answer_rows(answer);
    for (int row = 0; row < rows; row++) {
        store_mcp_read(answer, row, &line, &place);
        if (!line.p)
            continue;
        if (text->n + line.n + HINT_BYTES > MCP_ANSWER_MAX) {
            if (last.n)
                print_cursor(text, "More follows", last);
            return;
        }
        buf_str(text, line);
        buf_char(text, '\n');
        last = place;
    }
    if (text->n == 0)
        buf_lit(text, "Nothing was found.\n");
    hint(text, answer);
}

static void print_result(struct buf *out, struct str text, bool is_error)
{
    jw_key(out, "content");
    jw_open(out, '[');
    jw_open(out, '{');
    jw_member(out, "type", STR("text"));
    jw_member(out, "text", text);
    jw_close(out, '}');
    jw_close(out, ']');
    jw_member_bool(out, "isError", is_error);
}

enum mcp_called mcp_tools_call(struct request *r, struct str name, json_t *arguments, struct buf *out,
                               const char **what, int *status)
{
    const struct tool *tool = find_tool(name);
    const char *values[STORE_MCP_ARGUMENTS_MAX] = {NULL};
    if (!tool)
        return MCP_UNKNOWN_TOOL;
    for (size_t i = 0; is_parameter(tool, i); i++) {
        *what = tool->parameters[i].name;
        if (read_value(r, &tool->parameters[i], json_object_get(arguments, *what), &values[i]))
            return MCP_WRONG_ARGUMENT;
    }
    struct buf text = {0};
    struct store_answer answer =
        store_mcp_ask(r->worker->pg, request_keep(r, r->secret), (enum store_mcp_tool)(tool - tools), values);
    enum mcp_called called = MCP_ANSWERED;
    if (answer.outcome == STORE_NOT_FOUND) {
        print_result(out, STR("There is no such session or step, or this token may not read it."), true);
    } else if (answer.outcome == STORE_UNFIT) {
        print_result(out, STR("A time or a cursor is not well-formed."), true);
    } else if ((*status = reply_refusal(r, answer.outcome))) {
        called = MCP_REFUSED;
    } else {
        gather(&text, &answer);
        print_result(out, buf_view(&text), false);
    }
    store_answer_fini(&answer);
    buf_fini(&text);
    return called;
}
