// SPDX-License-Identifier: Apache-2.0
// The parts of trace-api that need no database: the permissions that a worker remembers, and the lines of a batch.
#include <stdlib.h>
#include "tests/unit/cgi.h"
#include "cgi/trace_batch_lines.h"
#include "cgi/trace_grants.h"
#include "base/id.h"

static const int64_t SECOND = INT64_C(1000000000);

static struct grant_key key_named(const char *secret, const char *step)
{
    return (struct grant_key){str_from(secret), STR("ws_1"), STR("ses_1"), str_from(step)};
}

static void a_grant_is_known_for_five_seconds(void **state)
{
    (void)state;
    struct grant_key key = key_named("one", "stp_1");
    struct grant grant = {true, 7}, found;
    assert_false(trace_grants_find(&key, SECOND, &found));
    trace_grants_learn(&key, SECOND, &grant);
    assert_true(trace_grants_find(&key, 6 * SECOND, &found));
    assert_true(found.is_open);
    assert_int_equal(found.start_seq, 7);
    assert_false(trace_grants_find(&key, 6 * SECOND + 1, &found));
    grant.is_open = false;
    trace_grants_learn(&key, 7 * SECOND, &grant);
    assert_true(trace_grants_find(&key, 8 * SECOND, &found));
    assert_false(found.is_open);
}

static void a_grant_is_never_another_s(void **state)
{
    (void)state;
    struct grant_key key = key_named("secret", "stp_2");
    struct grant grant = {true, 1}, found;
    trace_grants_learn(&key, 0, &grant);
    const struct grant_key others[] = {
        key_named("secre", "stp_2"),
        key_named("secrets", "stp_2"),
        key_named("secret", "stp_3"),
        {STR("secret"), STR("ws_2"), STR("ses_1"), STR("stp_2")},
        {STR("secret"), STR("ws_1"), STR("ses_2"), STR("stp_2")},
        {STR("secretw"), STR("s_1"), STR("ses_1"), STR("stp_2")},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(trace_grants_find(&others[i], 0, &found));
    assert_true(trace_grants_find(&key, 0, &found));
}

static void the_table_is_bounded(void **state)
{
    (void)state;
    struct grant grant = {true, 1}, found;
    int known = 0;
    for (int i = 0; i < 5000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "stp_%d", i);
        struct grant_key key = key_named("many", name);
        trace_grants_learn(&key, i, &grant);
    }
    for (int i = 0; i < 5000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "stp_%d", i);
        struct grant_key key = key_named("many", name);
        known += trace_grants_find(&key, 5000, &found);
    }
    assert_true(known > 500 && known <= 1024);
    char endless[400];
    memset(endless, 'x', sizeof endless);
    struct grant_key key = {{endless, sizeof endless}, STR("ws_1"), STR("ses_1"), STR("stp_1")};
    trace_grants_learn(&key, 0, &grant);
    assert_false(trace_grants_find(&key, 0, &found));
}

#define A "stp_0000000000000000000000000A"
#define B "stp_0000000000000000000000000B"

static int read_batch(struct request *r, const char *text, struct batch_lines *batch)
{
    r->raw_body = str_from(text);
    return batch_lines_read(r, batch);
}

static void lines_are_gathered_by_step(void **state)
{
    (void)state;
    struct request r = {0};
    struct batch_lines batch;
    const char *text = "{\"op\":\"start\",\"id\":\"" A "\",\"stepType\":\"thinking\",\"content\":\"first\"}\n"
                       "\r\n"
                       "{\"op\":\"record\",\"id\":\"" B "\",\"stepType\":\"tool_call\",\"parentStepId\":\"" A
                       "\",\"content\":{\"a\": 1}}\r\n"
                       "{\"op\":\"complete\",\"id\":\"" A "\",\"content\":\"last\"}\n"
                       "{\"op\":\"complete\",\"id\":\"" A "\",\"content\":\"last\"}\n"
                       "{\"op\":\"start\",\"stepType\":\"thinking\"}";
    assert_int_equal(read_batch(&r, text, &batch), 0);
    assert_int_equal(batch.lines, 5);
    assert_int_equal(batch.n, 3);
    const int of_line[] = {0, 1, 0, 0, 2};
    assert_memory_equal(batch.of_line, of_line, sizeof of_line);
    const struct store_batch_step *a = &batch.steps[0], *b = &batch.steps[1];
    assert_int_equal(a->start_line, 1);
    assert_int_equal(a->end_line, 4);
    assert_false(a->is_whole);
    assert_string_equal(a->start.content, "\"first\"");
    assert_string_equal(a->end.content, "\"last\"");
    assert_int_equal(b->start_line, 3);
    assert_int_equal(b->end_line, 0);
    assert_true(b->is_whole && b->parent_is_here);
    assert_null(b->start.content);
    assert_string_equal(b->end.content, "{\"a\":1}");
    assert_string_equal(b->end.content_length, "7");
    assert_true(id_valid(str_from(batch.steps[2].start.id), "stp"));
    batch_lines_fini(&batch);
    request_fini(&r);
}

static void a_problem_names_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } bad[] = {
        {"{\"op\":\"start\",\"stepType\":\"thinking\"}\n\n{", "\"line\":3}"},
        {"{\"op\":\"stop\"}", "\"line\":1}"},
        {"{\"stepType\":\"thinking\"}", "\"line\":1}"},
        {"{\"op\":\"complete\"}", "\"line\":1}"},
        {"{\"op\":\"record\",\"stepType\":\"Thinking\"}", "\"line\":1}"},
        {"{\"op\":\"complete\",\"id\":\"" A "\"}\n{\"op\":\"record\",\"id\":\"" A "\",\"stepType\":\"x\"}",
         "\"line\":2}"},
        {" \n\t\n", "There is no line"},
        {"", "There is no line"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct request r = {0};
        struct batch_lines batch;
        assert_int_equal(read_batch(&r, bad[i].text, &batch), 400);
        assert_true(r.is_problem);
        assert_holds(&r.out, bad[i].line);
        batch_lines_fini(&batch);
        request_fini(&r);
    }
}

static void a_line_that_says_something_else_is_a_conflict(void **state)
{
    (void)state;
    struct request r = {0};
    struct batch_lines batch;
    const char *text = "{\"op\":\"start\",\"id\":\"" A "\",\"stepType\":\"thinking\"}\n"
                       "{\"op\":\"start\",\"id\":\"" A "\",\"stepType\":\"plan\",\"name\":\"x\"}";
    assert_int_equal(read_batch(&r, text, &batch), 409);
    assert_holds(&r.out, "\"fields\":[\"stepType\",\"name\"],\"line\":2}");
    batch_lines_fini(&batch);
    request_fini(&r);
}

static void there_are_not_endless_lines(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i <= BATCH_LINES_MAX; i++)
        buf_lit(&text, "{\"op\":\"record\",\"stepType\":\"x\"}\n");
    struct request r = {0};
    struct batch_lines batch;
    assert_int_equal(read_batch(&r, buf_cstr(&text), &batch), 400);
    assert_holds(&r.out, "\"line\":20001}");
    batch_lines_fini(&batch);
    request_fini(&r);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_is_known_for_five_seconds),
        cmocka_unit_test(a_grant_is_never_another_s),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(lines_are_gathered_by_step),
        cmocka_unit_test(a_problem_names_its_line),
        cmocka_unit_test(a_line_that_says_something_else_is_a_conflict),
        cmocka_unit_test(there_are_not_endless_lines),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
