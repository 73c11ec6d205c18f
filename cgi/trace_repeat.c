// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_repeat.h"

#include <stddef.h>
#include "cgi/problem.h"
#include "base/jw.h"

static const struct field {
    const char *name;
    size_t at; // of a text in store_step_input
    unsigned part;
} fields[] = {
    {"stepType", offsetof(struct store_step_input, type), REPEAT_BEGINNING},
    {"name", offsetof(struct store_step_input, name), REPEAT_BEGINNING},
    {"parentStepId", offsetof(struct store_step_input, parent_id), REPEAT_BEGINNING},
    {"content", offsetof(struct store_step_input, content), REPEAT_CONTENT},
    {"sources", offsetof(struct store_step_input, sources), REPEAT_ENDING},
    {"messageId", offsetof(struct store_step_input, message_id), REPEAT_ENDING},
    {"usage", offsetof(struct store_step_input, usage), REPEAT_ENDING},
    {"error", offsetof(struct store_step_input, error), REPEAT_ENDING},
    {"startedAt", offsetof(struct store_step_input, started_us), REPEAT_BEGINNING},
    {"completedAt", offsetof(struct store_step_input, completed_us), REPEAT_ENDING},
    {"input", offsetof(struct store_step_input, more.input), REPEAT_MORE},
    {"output", offsetof(struct store_step_input, more.output), REPEAT_MORE},
    {"attributes", offsetof(struct store_step_input, more.attributes), REPEAT_MORE},
    {"events", offsetof(struct store_step_input, more.events), REPEAT_MORE},
    {"links", offsetof(struct store_step_input, more.links), REPEAT_MORE},
};

int trace_repeat_conflict(struct request *r)
{
    return problem(r, 409, "id_conflict", "A step with this id has other values.");
}

static struct str value_of(const struct store_step_input *in, const struct field *field)
{
    return str_from(*(const char *const *)(const void *)((const char *)in + field->at));
}

static bool is_lost(const struct store_step_input *held, const struct store_step_input *said, const struct field *field,
                    unsigned parts)
{
    struct str value = value_of(said, field);
    struct str was = value_of(held, field);
    return (field->part & parts) && value.p && (!was.p || !str_eq(value, was));
}

static void open_conflict(struct request *r)
{
    (void)trace_repeat_conflict(r);
    r->out.n--;
    jw_key(&r->out, "fields");
    jw_open(&r->out, '[');
}

static int close_conflict(struct request *r)
{
    jw_close(&r->out, ']');
    jw_close(&r->out, '}');
    return 409;
}

bool trace_repeat_differs(const struct store_step_input *held, const struct store_step_input *said, unsigned parts)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (is_lost(held, said, &fields[i], parts))
            return true;
    return false;
}

int trace_repeat_check(struct request *r, const struct store_step_input *held, const struct store_step_mark *held_mark,
                       const struct store_step_input *said, const struct store_step_mark *said_mark, unsigned parts)
{
    bool is_other_mark = held_mark->mark && !str_eq(str_from(held_mark->mark), str_from(said_mark->mark));
    if (trace_repeat_differs(held, said, parts) && (is_other_mark || !held_mark->mark)) {
        open_conflict(r);
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (is_lost(held, said, &fields[i], parts))
                jw_string(&r->out, str_from(fields[i].name));
        return close_conflict(r);
    }
    if (!is_other_mark || !said_mark->redacted)
        return 0;
    // An array literal of names that need no quotes.
    struct str names = {said_mark->redacted + 1, strlen(said_mark->redacted) - 2};
    open_conflict(r);
    while (names.p)
        jw_string(&r->out, str_cut(&names, ','));
    return close_conflict(r);
}
