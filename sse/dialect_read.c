// SPDX-License-Identifier: Apache-2.0
#include "sse/dialect_read.h"

#include "base/json_line.h"

static const struct row {
    const char *type;
    enum dialect_form form;
} forms[] = {
    {"thinking", FORM_REASONING},   {"reconsidering", FORM_REASONING},
    {"generation", FORM_REASONING}, {"message_sent", FORM_MESSAGE},
    {"tool_call", FORM_TOOL},       {"tool_error", FORM_TOOL},
    {"web_search", FORM_TOOL},      {"workspace_search", FORM_TOOL},
    {"visit_page", FORM_TOOL},      {"retrieval", FORM_TOOL},
    {"agent", FORM_AGENT},
};

enum dialect_form dialect_read_form(struct str type)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (str_eq(type, str_from(forms[i].type)))
            return forms[i].form;
    return FORM_OTHER;
}

bool dialect_read_frame(const struct frame *frame, struct str *name, struct str *body)
{
    static const struct str event = {"event: ", 7}, data = {"data: ", 6};
    struct str rest = frame_tail(frame);
    *name = str_cut(&rest, '\n');
    *body = str_cut(&rest, '\n');
    if (!rest.p || !str_eq(rest, STR("\n")) || !str_starts(*name, event) || !str_starts(*body, data))
        return false;
    *name = str_skip(*name, event.n);
    *body = str_skip(*body, data.n);
    return true;
}

struct str dialect_read_string(struct str json)
{
    return json.n >= 2 && json.p[0] == '"' ? (struct str){json.p + 1, json.n - 2} : STR_NONE;
}

static struct str text_member(struct str object, const char *name)
{
    return dialect_read_string(json_line_member(object, str_from(name)));
}

static int64_t number_member(struct str object, const char *name)
{
    int64_t value = 0;
    return str_to_i64(json_line_member(object, str_from(name)), &value) ? 0 : value;
}

bool dialect_read_step(struct dialect_step *step, struct str body)
{
    struct str json = json_line_member(body, STR("step"));
    *step = (struct dialect_step){
        .id = text_member(json, "id"),
        .type = text_member(json, "stepType"),
        .name = text_member(json, "name"),
        .parent = text_member(json, "parentStepId"),
        .status = text_member(json, "status"),
        .message_id = text_member(json, "messageId"),
        .started_at = text_member(json, "startedAt"),
        .completed_at = text_member(json, "completedAt"),
        .number = json_line_member(json, STR("stepNumber")),
        .content = json_line_member(json, STR("content")),
        .sources = json_line_member(json, STR("sources")),
        .usage = json_line_member(json, STR("usage")),
        .error = json_line_member(json, STR("error")),
        .duration_ms = json_line_member(json, STR("durationMs")),
        .started_ms = number_member(json, "startedUs") / 1000,
        .is_cut = json_line_member(json, STR("truncated")).p != NULL,
    };
    if (step->completed_at.p)
        step->ended_ms = step->started_ms + number_member(json, "durationMs");
    return step->id.n > 0 && step->id.n < DIALECT_ID_SIZE && step->type.n < DIALECT_TYPE_SIZE;
}

bool dialect_read_run(struct dialect_run *run, struct str body)
{
    struct str json = json_line_member(body, STR("session"));
    *run = (struct dialect_run){
        .id = text_member(json, "id"),
        .stream = text_member(json, "streamId"),
        .title = text_member(json, "title"),
        .status = text_member(json, "status"),
        .usage = json_line_member(json, STR("usage")),
        .error = json_line_member(json, STR("error")),
        .duration_ms = json_line_member(json, STR("durationMs")),
        .persona = json_line_member(json, STR("persona")),
    };
    return run->id.n > 0;
}

void dialect_read_tool(struct dialect_tool *tool, const struct dialect_step *step)
{
    bool is_object = step->content.n && step->content.p[0] == '{';
    struct str name = is_object ? text_member(step->content, "tool") : STR_NONE;
    *tool = (struct dialect_tool){.name = name.n ? name : step->name.n ? step->name : step->type};
    if (str_eq(step->type, STR("tool_call")) && is_object) {
        tool->args = json_line_member(step->content, STR("args"));
        tool->result = json_line_member(step->content, STR("result"));
        return;
    }
    if (!str_eq(step->type, STR("tool_call")))
        tool->name = step->type;
    tool->args = step->content;
    tool->result = step->completed_at.p ? step->content : STR_NONE;
}

struct str dialect_read_text(struct str content)
{
    if (content.n && content.p[0] == '{')
        return text_member(content, "text");
    return dialect_read_string(content);
}
