// SPDX-License-Identifier: Apache-2.0
// Whole deliveries: what each protocol answers, that a bad item costs nothing but itself, and that nothing a stranger
// sends takes more memory than a worker has.
#include "tests/unit/base.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include "ingest/agents.h"
#include "ingest/genkit.h"
#include "ingest/langfuse.h"
#include "ingest/langsmith.h"
#include "ingest/otlp.h"
#include "tests/unit/ingest_world.h"

#define SPAN(id, more)                                                                                                 \
    "{\"traceId\":\"0123456789abcdef0123456789abcdef\",\"spanId\":\"" id                                               \
    "\",\"name\":\"n\",\"startTimeUnixNano\":\"1795891348199000000\",\"attributes\":[{\"key\":\"gen_ai.operation."     \
    "name\",\"value\":{\"stringValue\":\"chat\"}}]" more "}"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"
#define BODY(spans) "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" spans "]}]}]}"

static const struct tree_options options = {.make = {.now_us = INT64_C(1796000000000000)}};

static struct response deliver(struct world *world, const struct protocol *protocol, const char *type,
                               const char *encoding, struct str body)
{
    struct delivery delivery = {
        .protocol = protocol, .content_type = str_from(type), .content_encoding = str_from(encoding)};
    struct response response = {0};
    struct tree_sink sink = world_sink(world);
    buf_str(&delivery.body, body);
    delivery_read(&delivery, &options, &sink, &response);
    return response;
}

static void answers_in_the_words_of_each_protocol(void **state)
{
    (void)state;
    static const struct {
        const struct protocol *protocol;
        const char *type, *body;
        int status;
        const char *answer;
    } cases[] = {
        {&otlp_traces, "application/json", BODY(""), 200, "{}"},
        {&otlp_traces, "application/json; charset=utf-8", "{}", 200, "{}"},
        {&otlp_traces, "application/json", BODY("{\"name\":\"x\"}," SPAN("0123456789abcdef", "")), 200,
         "{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":\"a span without a valid trace id and span id "
         "(log records belong to /v1/logs)\"}}"},
        {&otlp_traces, "application/json", "no", 400, "{\"code\":3,\"message\":\"The body cannot be read.\"}"},
        {&otlp_traces, "text/plain", "{}", 415,
         "{\"code\":3,\"message\":\"The body is neither JSON nor protobuf, or its encoding neither gzip nor deflate.\"}"},
        {&otlp_logs, "application/json", "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[7]}]}]}", 200,
         "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":\"an item that is no JSON object, is nested too deeply or holds too much\"}}"},
        {&otlp_metrics, "application/json", "whatever", 200, "{}"},
        {&langsmith_batch, "application/json", "{\"post\":[],\"patch\":[]}", 202, "{}"},
        {&langsmith_batch, "application/json", "{\"post\":[7]}", 202,
         "{\"refused\":1,\"message\":\"a run that is no JSON object, is nested too deeply or holds too much\"}"},
        {&langfuse_events, "application/json",
         "{\"batch\":[{\"id\":\"e1\",\"type\":\"trace-create\",\"body\":{\"id\":\"t\"}},{\"id\":\"e2\",\"type\":"
         "\"span-create\",\"body\":{}}]}",
         207,
         "{\"successes\":[{\"id\":\"e1\",\"status\":201}],\"errors\":[{\"id\":\"e2\",\"status\":400,\"message\":\"an event "
         "whose body has no id\"}]}"},
        {&agents_traces, "application/json", "{\"data\":[]}", 200, "{}"},
        {&agents_traces, "application/json", "{\"data\":[{\"object\":\"trace\",\"id\":\"t\"}],", 200,
         "{\"refused\":1,\"message\":\"" REPORT_NO_JSON "\"}"},
        {&agents_traces, "application/json", "{\"data\":[{\"object\":\"trace\",\"id\":\"t\"} 7]}", 200,
         "{\"refused\":1,\"message\":\"" REPORT_NO_JSON "\"}"},
        {&agents_traces, "application/json", "{\"data\":[{\"object\":\"trace.span\",\"trace_id\":\"t\"}]}", 200,
         "{\"refused\":1,\"message\":\"an item without its ids\"}"},
        {&langsmith_batch, "application/json",
         "{\"post\":[{\"id\":\"r\",\"trace_id\":\"" LONG LONG LONG "\"},{\"trace_id\":\"r\"}]}", 202,
         "{\"refused\":2,\"message\":\"a run without an id\"}"},
        {&genkit_traces, "application/json", "{\"traceId\":\"t\",\"spans\":{}}", 200, "{}"},
        {&genkit_traces, "application/json", "{\"traceId\":\"t\",\"spans\":{\"s\":{\"spanId\":\"s\"} 7}}", 200,
         "{\"refused\":1,\"message\":\"" REPORT_NO_JSON "\"}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world world = {0};
        struct response response = deliver(&world, cases[i].protocol, cases[i].type, NULL, str_from(cases[i].body));
        assert_int_equal(response.status, cases[i].status);
        assert_str(buf_view(&response.body), cases[i].answer);
        response_fini(&response);
        world_fini(&world);
    }
}

static void answers_protobuf_in_protobuf(void **state)
{
    (void)state;
    struct world world = {0};
    // One resource, one scope, one empty span.
    static const char body[] = "\x0a\x04\x12\x02\x12\x00";
    struct response response =
        deliver(&world, &otlp_traces, "application/x-protobuf", NULL, (struct str){body, sizeof body - 1});
    assert_int_equal(response.status, 200);
    assert_string_equal(response.content_type, "application/x-protobuf");
    // partial_success = 1 {rejected_spans = 1: 1, error_message = 2: …}
    assert_int_equal(response.body.p[0], 0x0a);
    assert_memory_equal(response.body.p + 2, "\x08\x01\x12", 3);
    response_fini(&response);
    response = deliver(&world, &otlp_traces, "application/x-protobuf", NULL, STR(""));
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.n, 0);
    response_fini(&response);
    response = deliver(&world, &otlp_traces, "application/x-protobuf", NULL, STR("\x0a\x7f"));
    assert_int_equal(response.status, 400);
    assert_memory_equal(response.body.p, "\x08\x03\x12", 3);
    response_fini(&response);
    world_fini(&world);
}

static void asks_to_send_again_what_it_cannot_keep(void **state)
{
    (void)state;
    struct world world = {.is_down = true};
    struct response response =
        deliver(&world, &otlp_traces, "application/json", NULL, STR(BODY(SPAN("0123456789abcdef", ""))));
    assert_int_equal(response.status, 503);
    assert_int_equal(response.retry_after_s, 1);
    response_fini(&response);
    world_fini(&world);
}

static void a_bad_item_costs_only_itself(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "17", "{\"a\":[,]}", "{\"traceId\":\"zz\"}", "{\"a\":'x'}", "{\"a\":tru}",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct world world = {0};
        struct buf body = {0};
        buf_printf(&body, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[%s,%s,%s]}]}]}",
                   SPAN("0000000000000001", ""), bad[i], SPAN("0000000000000002", ""));
        struct response response = deliver(&world, &otlp_traces, "application/json", NULL, buf_view(&body));
        assert_int_equal(response.status, 200);
        assert_int_equal(response.refused, 1);
        assert_int_equal(world.steps_n, 2);
        response_fini(&response);
        world_fini(&world);
        buf_fini(&body);
    }
}

static void hides_what_is_foreign_and_moves_its_children_up(void **state)
{
    (void)state;
    static const char body[] =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" SPAN("00000000000000aa", "") "," SPAN(
            "00000000000000cc",
            ",\"parentSpanId\":\"00000000000000bb\"") "]},{\"scope\":{\"name\":"
                                                      "\"@opentelemetry/"
                                                      "instrumentation-undici\"},\"spans\":[{"
                                                      "\"traceId\":"
                                                      "\"0123456789abcdef0123456789abcdef\","
                                                      "\"spanId\":\"00000000000000bb\","
                                                      "\"parentSpanId\":\"00000000000000aa\"}]}]}]}";
    struct world world = {0};
    struct response response = deliver(&world, &otlp_traces, "application/json", NULL, STR(body));
    assert_int_equal(response.hidden, 1);
    assert_int_equal(world.steps_n, 2);
    assert_str(world.steps[1].step.parent_id, world.steps[0].step.id);
    response_fini(&response);
    world_fini(&world);
}

static void makes_no_session_without_an_ai(void **state)
{
    (void)state;
    struct world world = {0};
    struct response response =
        deliver(&world, &otlp_traces, "application/json", NULL,
                STR(BODY("{\"traceId\":\"0123456789abcdef0123456789abcdef\",\"spanId\":\"00000000000000bb\"}")));
    assert_int_equal(response.status, 200);
    assert_int_equal(response.refused, 0);
    assert_int_equal(world.sessions_n, 0);
    assert_int_equal(world.homeless, 1);
    response_fini(&response);
    world_fini(&world);
}

static void deflate_zeros(struct buf *out, size_t n)
{
    static char zeros[65536];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    for (size_t done = 0; done <= n; done += sizeof zeros) {
        int status;
        z.next_in = (Bytef *)zeros;
        z.avail_in = done < n ? sizeof zeros : 0;
        do {
            buf_reserve(out, sizeof zeros);
            z.next_out = (Bytef *)(out->p + out->n);
            z.avail_out = sizeof zeros;
            status = deflate(&z, done < n ? Z_NO_FLUSH : Z_FINISH);
            out->n += sizeof zeros - z.avail_out;
        } while (z.avail_out == 0 || (done >= n && status != Z_STREAM_END));
    }
    assert_int_equal(deflateEnd(&z), Z_OK);
}

static void inflates_what_clients_pack(void **state)
{
    (void)state;
    static const struct {
        const char *encoding;
        int window;
    } cases[] = {
        {"gzip", 16 + MAX_WBITS}, {"GZIP", 16 + MAX_WBITS}, {"x-gzip", 16 + MAX_WBITS}, {"deflate", MAX_WBITS}};
    static char body[] = BODY(SPAN("0123456789abcdef", ""));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct world world = {0};
        z_stream z = {.next_in = (Bytef *)body, .avail_in = sizeof body - 1};
        char packed[1024];
        z.next_out = (Bytef *)packed;
        z.avail_out = sizeof packed;
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, cases[i].window, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        struct response response = deliver(&world, &otlp_traces, "application/json", cases[i].encoding,
                                           (struct str){packed, sizeof packed - z.avail_out});
        assert_int_equal(deflateEnd(&z), Z_OK);
        assert_int_equal(response.status, 200);
        assert_int_equal(world.steps_n, 1);
        response_fini(&response);
        world_fini(&world);
    }
}

static void refuses_bombs(void **state)
{
    (void)state;
    struct world world = {0};
    struct buf bomb = {0};
    deflate_zeros(&bomb, (size_t)256 * 1024 * 1024);
    assert_true(bomb.n < 2 * 1024 * 1024);
    struct response response = deliver(&world, &otlp_traces, "application/json", "gzip", buf_view(&bomb));
    assert_int_equal(response.status, 413);
    response_fini(&response);
    response = deliver(&world, &otlp_traces, "application/json", "gzip", (struct str){bomb.p, 100});
    assert_int_equal(response.status, 400);
    response_fini(&response);
    response = deliver(&world, &otlp_traces, "application/json", "zstd", STR("x"));
    assert_int_equal(response.status, 415);
    response_fini(&response);
    buf_fini(&bomb);
    world_fini(&world);
}

static int ignores(void *context, const struct step_put *puts, size_t n)
{
    (void)context;
    (void)puts;
    (void)n;
    return 0;
}

static void repeat(struct buf *b, struct str unit, size_t bytes)
{
    buf_reserve(b, bytes);
    while (b->n + unit.n <= bytes)
        buf_str(b, unit);
}

// Bodies of 64 MiB that are made to take as much memory as can be.
static void fill(struct buf *b, int shape)
{
    static const size_t most = DELIVERY_BODY_MAX - 64;
    struct buf one = {0};
    switch (shape) {
    case 0: // many spans
        buf_lit(b, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[");
        buf_lit(&one, SPAN("0123456789abcdef", ",\"more\":\""));
        one.n -= 1;
        repeat(&one, STR("more "), 16 * 1024);
        buf_lit(&one, "\"},");
        repeat(b, buf_view(&one), most);
        buf_lit(b, "{}]}]}]}");
        break;
    case 1: // one span with one text
        buf_lit(b, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"");
        repeat(b, STR("x"), most);
        buf_lit(b, "\"}]}]}]}");
        break;
    case 2: // one span of many values
        buf_lit(b, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[");
        repeat(b, STR("{},"), most);
        buf_lit(b, "0]}]}]}]}");
        break;
    case 3: // spans as large as an item may be
        buf_lit(b, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[");
        buf_lit(&one,
                "{\"traceId\":\"0123456789abcdef0123456789abcdef\",\"spanId\":\"0123456789abcdef\",\"attributes\":"
                "[{\"key\":\"gen_ai.output.messages\",\"value\":{\"stringValue\":\"");
        repeat(&one, STR("ab \\\" "), 20 * 1024 * 1024);
        buf_lit(&one, "\"}}]},");
        repeat(b, buf_view(&one), most);
        buf_lit(b, "{}]}]}]}");
        break;
    default:
        break;
    }
    buf_fini(&one);
    assert_true(b->n <= DELIVERY_BODY_MAX);
}

// In a process of its own, whose peak is then known.
static long peak_kib_of(int shape, int *status)
{
    struct rusage usage;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct tree_sink sink = {ignores, NULL};
        struct delivery delivery = {.protocol = &otlp_traces, .content_type = STR("application/json")};
        struct response response = {0};
        fill(&delivery.body, shape);
        delivery_read(&delivery, &options, &sink, &response);
        _exit(response.status == 200 ? 0 : 1);
    }
    assert_int_equal(wait4(child, status, 0, &usage), child);
    return usage.ru_maxrss;
}

static void reads_the_largest_bodies_within_a_workers_memory(void **state)
{
    (void)state;
    for (int shape = 0; shape < 4; shape++) {
        int status;
        long kib = peak_kib_of(shape, &status);
        print_message("shape %d: %ld MiB\n", shape, kib / 1024);
        assert_int_equal(status, 0);
#ifndef __SANITIZE_ADDRESS__
        assert_true(kib < 256 * 1024);
#endif
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_the_words_of_each_protocol),
        cmocka_unit_test(answers_protobuf_in_protobuf),
        cmocka_unit_test(asks_to_send_again_what_it_cannot_keep),
        cmocka_unit_test(a_bad_item_costs_only_itself),
        cmocka_unit_test(hides_what_is_foreign_and_moves_its_children_up),
        cmocka_unit_test(makes_no_session_without_an_ai),
        cmocka_unit_test(inflates_what_clients_pack),
        cmocka_unit_test(refuses_bombs),
        cmocka_unit_test(reads_the_largest_bodies_within_a_workers_memory),
    };
    return cmocka_run_group_tests_name("ingest delivery", tests, NULL, NULL);
}
