// SPDX-License-Identifier: Apache-2.0
// A step's body: either a problem that names what is wrong, or parameters that the database takes: ids of their kind,
// JSON that is JSON, numbers that are numbers.
#include "cgi/body.h"
#include "cgi/trace_step_body.h"
#include "base/id.h"
#include "tests/fuzz/fuzz.h"

static void check_json(const char *text)
{
    json_t *value =
        text ? json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL) : NULL;
    assert(!text || value);
    json_decref(value);
}

static void check_number(const char *text)
{
    int64_t value;
    int failed = text ? str_to_i64(str_from(text), &value) : 0;
    assert(!failed);
}

static void check_problem(struct request *r)
{
    json_t *said = json_loadb(r->out.p, r->out.n, 0, NULL);
    assert(r->is_problem && json_is_string(json_object_get(said, "field")));
    json_decref(said);
}

static void check_input(const struct store_step_input *in)
{
    assert(!in->id || id_valid(str_from(in->id), "stp"));
    assert(!in->parent_id || id_valid(str_from(in->parent_id), "stp"));
    assert(!in->message_id || id_valid(str_from(in->message_id), "msg"));
    assert(!in->content == !in->content_length && !in->sources == !in->source_keys);
    check_json(in->content);
    check_json(in->sources);
    check_json(in->usage);
    check_json(in->error);
    check_json(in->cost_usd);
    check_number(in->content_length);
    check_number(in->input_tokens);
    check_number(in->output_tokens);
    check_number(in->reasoning_tokens);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r = {0};
    struct store_step_input start = {0}, end = {0};

    if (body_parse(&r, (struct str){(const char *)data, size}, &r.body))
        goto out;
    if (trace_step_body_start(&r, r.body, &start))
        check_problem(&r);
    else
        check_input(&start);
    r.is_problem = false;
    if (trace_step_body_end(&r, r.body, &end))
        check_problem(&r);
    else
        check_input(&end);
out:
    request_fini(&r);
    return 0;
}
