// SPDX-License-Identifier: Apache-2.0
// Calls over HTTP as fast as they are answered: how many a second, and how long each took.
//
//     calls KIND PORT TOKEN SECONDS PATH…
//
// One kept connection to nginx for each path, one call at a time on each: what that many agents do. Its output is a
// JSON object; tests/bench/steps.mjs and progress.mjs set it beside something else.
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "base/clock.h"
#include "base/id.h"
#include "tests/bench/samples.h"
#include "tests/bench/wire.h"

enum { CONTENT_BYTES = 200, BATCH_STEPS = 100, DELTA_BYTES = 24 };

struct caller {
    int fd;
    const char *path;
    int64_t called;
    int64_t calls;
    struct buf answer;
};

static void print_content(struct buf *body)
{
    buf_printf(body, "\"stepType\":\"tool_call\",\"content\":{\"tool\":\"%0*d\"}}", CONTENT_BYTES, 0);
}

static void print_step(struct buf *body, const struct caller *caller)
{
    char id[ID_SIZE];
    (void)caller;
    id_new(id, "stp");
    buf_printf(body, "{\"id\":\"%s\",", id);
    print_content(body);
}

static void print_batch(struct buf *body, const struct caller *caller)
{
    for (int i = 0; i < BATCH_STEPS; i++) {
        char id[ID_SIZE];
        (void)caller;
        id_new(id, "stp");
        buf_printf(body, "{\"op\":\"start\",\"id\":\"%s\",", id);
        print_content(body);
        buf_char(body, '\n');
    }
}

// The next few words of a text, as a model writes them.
static void print_progress(struct buf *body, const struct caller *caller)
{
    buf_printf(body, "{\"delta\":\"%0*lld\",\"offset\":%lld}", DELTA_BYTES, (long long)caller->calls,
               (long long)(caller->calls * DELTA_BYTES));
}

static const struct kind {
    const char *name;
    void (*print)(struct buf *body, const struct caller *caller);
    int each; // what one call counts for
} kinds[] = {
    {"steps", print_step, 1},
    {"batch", print_batch, BATCH_STEPS},
    {"progress", print_progress, 1},
};

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static void call(struct caller *caller, const struct kind *kind, const char *token)
{
    struct buf body = {0}, request = {0};
    kind->print(&body, caller);
    wire_post(&request, caller->path, token, buf_view(&body));
    caller->called = clock_mono_ns();
    caller->calls++;
    wire_send(caller->fd, buf_view(&request));
    buf_fini(&body);
    buf_fini(&request);
}

static void judge(const struct buf *answer, int *refused)
{
    if (wire_status(answer) / 100 == 2 || (*refused)++ > 0)
        return;
    fprintf(stderr, "calls: %.*s\n", (int)answer->n, answer->p);
}

int main(int argc, char **argv)
{
    const struct kind *kind = argc > 5 ? kind_named(argv[1]) : NULL;
    if (!kind) {
        fprintf(stderr, "usage: %s steps|batch|progress PORT TOKEN SECONDS PATH…\n", argv[0]);
        return 2;
    }
    const char *port = argv[2], *token = argv[3];
    int n = argc - 5, loop = epoll_create1(EPOLL_CLOEXEC), refused = 0;
    struct samples took = {0};
    struct caller *callers = mem_zero((size_t)n * sizeof *callers);
    int64_t began = clock_mono_ns(), end = began + (int64_t)(strtod(argv[4], NULL) * 1e9);
    for (int i = 0; i < n; i++) {
        callers[i].path = argv[5 + i];
        callers[i].fd = wire_dial(port);
        wire_watch(loop, callers[i].fd, &callers[i]);
        call(&callers[i], kind, token);
    }
    while (clock_mono_ns() < end) {
        struct epoll_event events[64];
        int ready = epoll_wait(loop, events, 64, 1000);
        for (int i = 0; i < ready; i++) {
            struct caller *caller = events[i].data.ptr;
            if (!wire_hear(caller->fd, &caller->answer))
                continue;
            judge(&caller->answer, &refused);
            buf_clear(&caller->answer);
            samples_add(&took, clock_mono_ns() - caller->called);
            call(caller, kind, token);
        }
    }
    double seconds = (double)(clock_mono_ns() - began) / 1e9;
    printf("{\"calls\":%zu,\"perSecond\":%.0f,\"refused\":%d,\"p50Ms\":%.2f,\"p99Ms\":%.2f}\n", took.n,
           (double)took.n * kind->each / seconds, refused, samples_quantile_ms(&took, 0.5),
           samples_quantile_ms(&took, 0.99));
    return refused ? 1 : 0;
}
