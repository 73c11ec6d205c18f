// SPDX-License-Identifier: Apache-2.0
// The lines of a batch: each belongs to one step, each step has a line, and a problem names the line.
#include "cgi/trace_batch_lines.h"
#include "base/id.h"
#include "tests/fuzz/fuzz.h"

static void check_problem(struct request *r)
{
    json_t *said = json_loadb(r->out.p, r->out.n, JSON_REJECT_DUPLICATES, NULL);
    assert(r->is_problem && json_is_object(said) && json_integer_value(json_object_get(said, "status")) == 400);
    json_decref(said);
}

static void check_batch(const struct batch_lines *batch)
{
    assert(batch->n > 0 && batch->n <= batch->lines && batch->lines <= BATCH_LINES_MAX);
    for (int i = 0; i < batch->lines; i++)
        assert(batch->of_line[i] >= 0 && batch->of_line[i] < batch->n);
    for (int i = 0; i < batch->n; i++) {
        const struct store_batch_step *step = &batch->steps[i];
        assert(id_valid(str_from(step->start.id), "stp"));
        assert(step->start_line || step->end_line);
        assert(!step->is_whole || (step->start_line && !step->end_line));
        for (int k = 0; k < i && i < 50; k++)
            assert(strcmp(batch->steps[k].start.id, step->start.id) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r = {.raw_body = {(const char *)data, size}};
    struct batch_lines batch;

    if (batch_lines_read(&r, &batch))
        check_problem(&r);
    else
        check_batch(&batch);
    batch_lines_fini(&batch);
    request_fini(&r);
    return 0;
}
