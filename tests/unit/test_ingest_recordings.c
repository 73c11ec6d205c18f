// SPDX-License-Identifier: Apache-2.0
// What published clients really sent, request by request, through the pure parts (tests/clients/recorded/README.md).
// tree.txt says what the run was: with nothing hidden, our tree is that one, line by line. session.txt is what people
// get to see of it; it was read when it was written, and changes on purpose only (UPDATE=1 in the environment writes
// it).
#include "tests/unit/base.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/utf8.h"
#include "ingest/agents.h"
#include "ingest/genkit.h"
#include "ingest/langfuse.h"
#include "ingest/langsmith.h"
#include "ingest/otlp.h"
#include "ingest/value.h"
#include "ingest/step_id.h"
#include "tests/unit/ingest_world.h"

enum { RUNS_MAX = 64, PATH_SIZE = 512 };

// Some time after all of the recordings: 2026-11-30.
static const int64_t now_us = INT64_C(1796000000) * 1000000;

struct run {
    char name[96]; // "otel/normal"
};

static struct run runs[RUNS_MAX];
static size_t runs_n;

static bool read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    size_t got;
    if (!file)
        return false;
    do {
        buf_reserve(out, 65536);
        got = fread(out->p + out->n, 1, 65536, file);
        out->n += got;
    } while (got > 0);
    (void)fclose(file);
    return true;
}

static void path_in(char path[static PATH_SIZE], const char *run, struct str file)
{
    (void)snprintf(path, PATH_SIZE, "%s/%s/%.*s", RECORDINGS, run, (int)file.n, file.p);
}

static const struct protocol *protocol_of(struct str path)
{
    static const struct {
        struct str path;
        const struct protocol *protocol;
    } protocols[] = {
        {{"/v1/traces", 10}, &otlp_traces},
        {{"/api/public/otel/v1/traces", 26}, &otlp_traces},
        {{"/v1/logs", 8}, &otlp_logs},
        {{"/v1/metrics", 11}, &otlp_metrics},
        {{"/runs/multipart", 15}, &langsmith_multipart},
        {{"/runs/batch", 11}, &langsmith_batch},
        {{"/api/public/ingestion", 21}, &langfuse_events},
        {{"/v1/traces/ingest", 17}, &agents_traces},
    };
    for (size_t i = 0; i < COUNT(protocols); i++)
        if (str_eq(path, protocols[i].path))
            return protocols[i].protocol;
    return NULL;
}

// Sends the recorded requests that have a body; also those that were refused then, for they come again.
static void send_requests(const char *run, struct world *world, const struct tree_options *options,
                          const struct protocol *without)
{
    char path[PATH_SIZE];
    struct buf text = {0};
    int64_t replaced = 0;
    path_in(path, run, STR("requests.json"));
    assert_true(read_file(path, &text));
    struct json_object *requests = value_read(buf_view(&text), &replaced);
    assert_true(value_count(requests) > 0);
    for (size_t i = 0; i < value_count(requests); i++) {
        struct json_object *request = value_at(requests, i), *headers = value_get(request, "headers");
        struct delivery delivery = {.protocol = protocol_of(value_text(value_get(request, "path"))),
                                    .content_type = value_text(value_get(headers, "content-type")),
                                    .content_encoding = value_text(value_get(headers, "content-encoding"))};
        struct response response = {0};
        struct tree_sink sink = world_sink(world);
        if (!value_text(value_get(request, "body")).n || delivery.protocol == without)
            continue;
        assert_non_null(delivery.protocol);
        path_in(path, run, value_text(value_get(request, "body")));
        assert_true(read_file(path, &delivery.body));
        delivery_read(&delivery, options, &sink, &response);
        if (response.status / 100 != 2 || response.refused)
            print_error("%s: %d, %lld refused: %.*s\n", path, response.status, (long long)response.refused,
                        (int)response.body.n, response.body.p);
        assert_int_equal(response.status / 100, 2);
        assert_int_equal(response.refused, 0);
        response_fini(&response);
    }
    value_free(requests);
    buf_fini(&text);
}

static void fail_at_difference(const char *run, struct str expected, struct str got)
{
    while (expected.n || got.n) {
        struct str e = str_cut(&expected, '\n'), g = str_cut(&got, '\n');
        if (str_eq(e, g))
            continue;
        print_error("%s:\n expected %.*s\n      got %.*s\n", run, (int)e.n, e.p ? e.p : "", (int)g.n, g.p ? g.p : "");
        fail();
    }
}

// tree.txt in our words: names as long as ours may be, parents by the ids that we derive.
static void expect_lines(struct str text, const char *without, struct buf *out)
{
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        const char *parent = line.n ? memmem(line.p, line.n, " (parent ", 9) : NULL;
        const char *bracket = line.n ? memrchr(line.p, '[', line.n) : NULL;
        if (!line.n || (without && memmem(line.p, line.n, without, strlen(without))))
            continue;
        assert_non_null(bracket);
        size_t indent = 0;
        while (line.p[indent] == ' ')
            indent++;
        struct str name = {line.p + indent, (size_t)(bracket - line.p) - 1 - indent};
        struct str rest = {bracket - 1, line.n - (size_t)(bracket - 1 - line.p)};
        buf_bytes(out, line.p, indent);
        buf_str(out, utf8_prefix(name, INGEST_NAME_MAX));
        if (parent) {
            char id[ID_SIZE];
            struct str external = {parent + 9, 0};
            external.n = (size_t)((const char *)memchr(external.p, ' ', 64) - external.p);
            rest.n = (size_t)(parent - rest.p);
            step_id(id, external);
            buf_str(out, rest);
            buf_printf(out, " (parent %s never came)", id);
        } else {
            buf_str(out, rest);
        }
        buf_char(out, '\n');
    }
}

static void gives_the_tree_of_the_run(void **state)
{
    const char *run = ((struct run *)*state)->name;
    const struct tree_options options = {.make = {.now_us = now_us}, .takes_all = true};
    char path[PATH_SIZE];
    struct world world = {0};
    struct buf text = {0}, expected = {0}, got = {0};
    // Claude Code's log records are about the spans that tree.txt lists, and are told apart below.
    send_requests(run, &world, &options, &otlp_logs);
    path_in(path, run, STR("tree.txt"));
    assert_true(read_file(path, &text));
    // A tool's steps are joined with its log records by the id of its use, which the span of waiting does not name.
    expect_lines(buf_view(&text), strcmp(run, "claude/normal") == 0 ? "blocked_on_user" : NULL, &expected);
    world_print_tree(&world, &got);
    if (strcmp(run, "claude/normal") == 0) {
        struct buf all = got;
        got = (struct buf){0};
        expect_lines(buf_view(&all), "blocked_on_user", &got);
        buf_fini(&all);
    }
    fail_at_difference(run, buf_view(&expected), buf_view(&got));
    buf_fini(&text);
    buf_fini(&expected);
    buf_fini(&got);
    world_fini(&world);
}

static void shows_the_session_and_the_same_again_changes_nothing(void **state)
{
    const char *run = ((struct run *)*state)->name;
    const struct tree_options options = {.make = {.now_us = now_us}};
    char path[PATH_SIZE];
    struct world world = {0};
    struct buf expected = {0}, got = {0}, again = {0};
    send_requests(run, &world, &options, NULL);
    world_print_all(&world, &got);
    path_in(path, run, STR("session.txt"));
    if (getenv("UPDATE")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(got.p ? got.p : "", 1, got.n, file), got.n);
        (void)fclose(file);
    }
    assert_true(read_file(path, &expected));
    fail_at_difference(run, buf_view(&expected), buf_view(&got));
    world.changes = 0;
    send_requests(run, &world, &options, NULL);
    world_print_all(&world, &again);
    fail_at_difference(run, buf_view(&expected), buf_view(&again));
    assert_int_equal(world.changes, 0);
    buf_fini(&expected);
    buf_fini(&got);
    buf_fini(&again);
    world_fini(&world);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && !strchr(entry->d_name, '.');
}

static void find_runs(void)
{
    struct dirent **clients, **folders;
    int n = scandir(RECORDINGS, &clients, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "%s/%s", RECORDINGS, clients[i]->d_name);
        int m = scandir(path, &folders, is_visible, alphasort);
        for (int j = 0; j < m; j++) {
            if (runs_n < RUNS_MAX)
                (void)snprintf(runs[runs_n++].name, sizeof runs[0].name, "%.40s/%.40s", clients[i]->d_name,
                               folders[j]->d_name);
            free(folders[j]);
        }
        if (m >= 0)
            free(folders);
        free(clients[i]);
    }
    if (n >= 0)
        free(clients);
}

int main(void)
{
    static struct CMUnitTest tests[RUNS_MAX * 2];
    static char names[RUNS_MAX * 2][160];
    size_t n = 0;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    find_runs();
    for (size_t i = 0; i < runs_n; i++) {
        (void)snprintf(names[n], sizeof names[n], "%.90s gives the tree of the run", runs[i].name);
        tests[n] = (struct CMUnitTest){names[n], gives_the_tree_of_the_run, NULL, NULL, &runs[i]};
        n++;
        (void)snprintf(names[n], sizeof names[n], "%.90s shows its session, and the same again changes nothing",
                       runs[i].name);
        tests[n] =
            (struct CMUnitTest){names[n], shows_the_session_and_the_same_again_changes_nothing, NULL, NULL, &runs[i]};
        n++;
    }
    if (n == 0) {
        printf("Bail out! there is nothing in %s\n", RECORDINGS);
        return EXIT_FAILURE;
    }
    return _cmocka_run_group_tests("ingest recordings", tests, n, NULL, NULL);
}
