// SPDX-License-Identifier: Apache-2.0
#include "sse/dialect_print.h"

#include "base/json_line.h"
#include "base/jw.h"
#include "sse/dialect_read.h"

void dialect_print_begin(struct buf *b, const char *type)
{
    buf_lit(b, "data: ");
    jw_open(b, '{');
    jw_member(b, "type", str_from(type));
}

void dialect_print_end(struct buf *b)
{
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void dialect_print_text(struct buf *b, const char *key, struct str inside)
{
    if (inside.n == 0)
        return;
    jw_key(b, key);
    buf_char(b, '"');
    buf_str(b, inside);
    buf_char(b, '"');
}

void dialect_print_facts(struct buf *b, const struct dialect_step *step)
{
    jw_open(b, '{');
    dialect_print_text(b, "stepId", step->id);
    jw_member_raw(b, "stepNumber", step->number);
    dialect_print_text(b, "stepType", step->type);
    dialect_print_text(b, "name", step->name);
    dialect_print_text(b, "parentStepId", step->parent);
    dialect_print_text(b, "status", step->status);
    dialect_print_text(b, "messageId", step->message_id);
    jw_member_raw(b, "usage", step->usage);
    jw_member_raw(b, "error", step->error);
    dialect_print_text(b, "startedAt", step->started_at);
    dialect_print_text(b, "completedAt", step->completed_at);
    jw_member_raw(b, "durationMs", step->duration_ms);
}

void dialect_print_open_facts(struct buf *b, const struct dialect_open *open, const char *status)
{
    jw_open(b, '{');
    dialect_print_text(b, "stepId", str_from(open->id));
    jw_member_i64(b, "stepNumber", open->number);
    dialect_print_text(b, "stepType", str_from(open->type));
    dialect_print_text(b, "name", str_from(open->name));
    dialect_print_text(b, "parentStepId", str_from(open->parent));
    dialect_print_text(b, "status", str_from(status));
}

void dialect_print_outcome(struct buf *b, const struct dialect_run *run)
{
    jw_open(b, '{');
    dialect_print_text(b, "sessionId", run->id);
    dialect_print_text(b, "status", run->status);
    jw_member_raw(b, "durationMs", run->duration_ms);
    jw_member_raw(b, "usage", run->usage);
    jw_member_raw(b, "error", run->error);
    jw_close(b, '}');
}

struct str dialect_print_error_text(struct str error, const char *otherwise)
{
    struct str text = dialect_read_string(json_line_member(error, STR("message")));
    if (text.n == 0)
        text = dialect_read_string(json_line_member(error, STR("code")));
    return text.n ? text : str_from(otherwise);
}

void dialect_print_each(struct str list, void (*each)(void *context, size_t i, struct str object), void *context)
{
    if (list.n < 2 || list.p[0] != '[')
        return;
    struct str at = str_skip(list, 1);
    for (size_t i = 0; at.n && at.p[0] == '{'; i++) {
        struct str object = {at.p, json_line_value(at)};
        each(context, i, object);
        at = str_skip(at, object.n);
        while (at.n && (at.p[0] == ',' || at.p[0] == ' '))
            at = str_skip(at, 1);
    }
}
