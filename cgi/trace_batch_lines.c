// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_batch_lines.h"

#include <assert.h>
#include <stdlib.h>
#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/redaction.h"
#include "cgi/trace_repeat.h"
#include "cgi/trace_step_body.h"
#include "cgi/trace_step_mark.h"
#include "base/hash.h"
#include "base/jw.h"

enum op { OP_START, OP_COMPLETE, OP_RECORD, OP_PUT, OP__MAX };

static const char *const op_names[OP__MAX] = {"start", "complete", "record", "put"};

int batch_lines_problem(struct request *r, int status, int64_t line)
{
    return problem_add_i64(r, status, "line", line);
}

static int read_op(struct request *r, json_t *object, enum op *op)
{
    struct str name;
    int status = body_text(r, object, "op", REQUIRED, 1, 16, &name);
    if (status)
        return status;
    for (*op = 0; *op < OP__MAX; (*op)++)
        if (str_eq(name, str_from(op_names[*op])))
            return 0;
    return problem_body(r, "op", "must be start, complete, record or put");
}

// The index of the step with that id, or -1; *slot is where it is or would be.
static int find(const struct batch_lines *batch, const char *id, uint32_t *slot)
{
    uint32_t hash = hash_32(str_from(id));
    for (*slot = hash % (uint32_t)batch->table_n; batch->table[*slot]; *slot = (*slot + 1) % (uint32_t)batch->table_n) {
        int i = batch->table[*slot] - 1;
        if (strcmp(batch->steps[i].start.id, id) == 0)
            return i;
    }
    return -1;
}

static struct store_batch_step *step_of(struct batch_lines *batch, const char *id)
{
    uint32_t slot;
    int i = find(batch, id, &slot);
    if (i < 0) {
        i = batch->n++;
        batch->steps[i] = (struct store_batch_step){.start.id = id};
        batch->table[slot] = i + 1;
    }
    batch->of_line[batch->lines++] = i;
    return &batch->steps[i];
}

// What the step has once it has ended.
static struct store_step_input ended(const struct store_batch_step *step)
{
    struct store_step_input held = step->end;
    const struct store_step_more *start = &step->start.more;
    held.type = step->start.type;
    held.name = step->start.name;
    held.parent_id = step->start.parent_id;
    held.started_us = step->start.started_us;
    held.more.input = held.more.input ? held.more.input : start->input;
    held.more.output = held.more.output ? held.more.output : start->output;
    held.more.attributes = held.more.attributes ? held.more.attributes : start->attributes;
    held.more.events = held.more.events ? held.more.events : start->events;
    held.more.links = held.more.links ? held.more.links : start->links;
    return held;
}

// A start of a step that an earlier line starts, or records whole.
static int start_again(struct request *r, const struct store_batch_step *step, const struct store_step_input *start)
{
    struct store_step_input held = step->start;
    bool has_ended = step->is_whole || step->end_line;
    if (!held.content)
        held.content = step->end.content;
    return trace_repeat_check(r, &held, &step->start.start, start, &start->start,
                              REPEAT_BEGINNING | REPEAT_CONTENT | (has_ended ? 0 : REPEAT_MORE));
}

// A whole line behind a start is the end of that step. What it says otherwise of the beginning takes its place, as when
// both come alone: then the batch is put.
static int end_whole(struct request *r, struct batch_lines *batch, struct store_batch_step *step,
                     const struct store_step_input *start, const struct store_step_input *end, int64_t line)
{
    if (!step->is_whole && !step->end_line) {
        batch->is_for_put |= trace_repeat_differs(&step->start, start, REPEAT_BEGINNING);
        step->end = *end;
        step->end_line = line;
        return 0;
    }
    struct store_step_input held = ended(step), said = *end;
    said.type = start->type;
    said.name = start->name;
    said.parent_id = start->parent_id;
    said.started_us = start->started_us;
    return trace_repeat_check(r, &held, &step->end.end, &said, &end->end,
                              REPEAT_BEGINNING | REPEAT_CONTENT | REPEAT_ENDING | REPEAT_MORE);
}

static int begin(struct request *r, struct batch_lines *batch, json_t *object, bool is_whole, int64_t line)
{
    struct store_step_input start = {0}, end = {0};
    int status = trace_step_body_start(r, object, &start);
    if (status)
        return status;
    if (is_whole) {
        end.content = start.content;
        end.content_length = start.content_length;
        start.content = start.content_length = NULL;
        end.more = start.more;
        if ((status = trace_step_body_end(r, object, &end)))
            return status;
    }
    trace_step_mark(r, start.id, is_whole ? &end.end : &start.start);
    struct store_batch_step *step = step_of(batch, start.id);
    if (step->start_line)
        return is_whole ? end_whole(r, batch, step, &start, &end, line) : start_again(r, step, &start);
    if (step->end_line && is_whole)
        return problem_body(r, "id", "is a step that an earlier line completes");
    step->start = start;
    step->start_line = line;
    step->is_whole = is_whole;
    if (is_whole)
        step->end = end;
    uint32_t slot;
    int parent = start.parent_id ? find(batch, start.parent_id, &slot) : -1;
    step->parent_is_here = parent >= 0 && &batch->steps[parent] != step && batch->steps[parent].start_line;
    return 0;
}

static int complete(struct request *r, struct batch_lines *batch, json_t *object, int64_t line)
{
    struct store_step_input end = {0};
    struct str id;
    int status;
    if ((status = body_id(r, object, "id", "stp", REQUIRED, &id)) || (status = trace_step_body_end(r, object, &end)))
        return status;
    struct store_batch_step *step = step_of(batch, request_keep(r, id));
    trace_step_mark(r, step->start.id, &end.end);
    if (step->end_line || step->is_whole) {
        struct store_step_input held = ended(step);
        return trace_repeat_check(r, &held, &step->end.end, &end, &end.end,
                                  REPEAT_CONTENT | REPEAT_ENDING | REPEAT_MORE);
    }
    step->end = end;
    step->end_line = line;
    return 0;
}

static int read_line(struct request *r, struct batch_lines *batch, struct str text, int64_t line)
{
    json_t *object;
    enum op op;
    int status = redaction_parse(r, text, &object);
    if (!status && !(status = read_op(r, object, &op)))
        status = op == OP_COMPLETE ? complete(r, batch, object, line) : begin(r, batch, object, op == OP_RECORD, line);
    json_decref(object);
    return status;
}

static bool is_blank(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\r')
            return false;
    return true;
}

static int count_lines(struct str text)
{
    int n = 0;
    while (text.p && n <= BATCH_LINES_MAX)
        n += !is_blank(str_cut(&text, '\n'));
    return n;
}

// The line as a step that is put: a batch with one that puts is written by the rules of put as a whole.
static int read_put(struct request *r, struct batch_lines *batch, struct str text, int64_t line, bool *puts)
{
    struct store_put_step *step = &batch->puts[batch->puts_n];
    json_t *object;
    enum op op;
    int status = redaction_parse(r, text, &object);
    if (!status && !(status = read_op(r, object, &op)) && !(status = trace_step_body_put(r, object, step))) {
        *puts |= op == OP_PUT;
        step->ends |= op == OP_COMPLETE || op == OP_RECORD;
        if (op != OP_PUT)
            trace_step_mark(r, step->of.id, op == OP_START ? &step->of.start : &step->of.end);
        batch->put_line[batch->puts_n++] = line;
        if (!step->of.id && (op == OP_PUT || op == OP_COMPLETE))
            status = problem_body(r, "id", "is missing");
        else if (!step->of.id)
            step->of.id = trace_step_body_new_id(r);
    }
    json_decref(object);
    return status;
}

// Without a line that puts there is nothing in `puts` afterwards, unless all are to be put.
static int read_puts(struct request *r, struct batch_lines *batch, int n, bool puts)
{
    batch->puts = mem_zero((size_t)n * sizeof batch->puts[0]);
    batch->put_line = mem_zero((size_t)n * sizeof batch->put_line[0]);
    struct str rest = r->raw_body;
    for (int64_t line = 1; rest.p; line++) {
        struct str text = str_cut(&rest, '\n');
        int status = is_blank(text) ? 0 : read_put(r, batch, text, line, &puts);
        if (status)
            return batch_lines_problem(r, status, line);
    }
    batch->puts_n = puts ? batch->puts_n : 0;
    return 0;
}

int batch_lines_read_puts(struct request *r, struct batch_lines *batch)
{
    batch_lines_fini(batch);
    return read_puts(r, batch, count_lines(r->raw_body), true);
}

// Is there a line that puts, perhaps? The word may be printed by the numbers of its letters.
static bool may_put(struct str body)
{
    return memmem(body.p, body.n, "\"put\"", 5) || memmem(body.p, body.n, "\\u00", 4);
}

int batch_lines_read(struct request *r, struct batch_lines *batch)
{
    *batch = (struct batch_lines){0};
    int n = count_lines(r->raw_body);
    if (n == 0)
        return problem(r, 400, "invalid_body", "There is no line in the batch.");
    if (n > BATCH_LINES_MAX)
        return batch_lines_problem(r, problem(r, 400, "invalid_body", "The batch has too many lines."),
                                   BATCH_LINES_MAX + 1);
    if (may_put(r->raw_body)) {
        int status = read_puts(r, batch, n, false);
        if (status || batch->puts_n)
            return status;
    }
    batch->steps = mem_zero((size_t)n * sizeof batch->steps[0]);
    batch->of_line = mem_zero((size_t)n * sizeof batch->of_line[0]);
    batch->table_n = 2 * n + 1;
    batch->table = mem_zero((size_t)batch->table_n * sizeof batch->table[0]);
    struct str rest = r->raw_body;
    for (int64_t line = 1; rest.p; line++) {
        struct str text = str_cut(&rest, '\n');
        int status = is_blank(text) ? 0 : read_line(r, batch, text, line);
        if (status)
            return batch_lines_problem(r, status, line);
    }
    return batch->is_for_put ? batch_lines_read_puts(r, batch) : 0;
}

void batch_lines_fini(struct batch_lines *batch)
{
    free(batch->steps);
    free(batch->of_line);
    free(batch->table);
    free(batch->puts);
    free(batch->put_line);
    *batch = (struct batch_lines){0};
}
