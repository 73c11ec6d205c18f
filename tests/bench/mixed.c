// SPDX-License-Identifier: Apache-2.0
// Calls of several kinds, one after the other: how long each kind takes.
//
//     mixed PORT TOKEN < calls
//
// Its input is a line a call: kind, method, path and body, separated by tabs; the method SUBSCRIBE opens a stream and
// waits until it stands. Its output is a line a kind, a JSON object.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/bench/samples.h"
#include "tests/bench/wire.h"

enum { KINDS = 32, NAME = 32 };

struct kind {
    char name[NAME];
    struct samples took;
};

struct mixed {
    const char *port, *token;
    int fd;
    struct buf request, answer;
    struct kind kinds[KINDS];
    int refused;
};

static struct samples *samples_of(struct mixed *m, struct str name)
{
    struct kind *kind = m->kinds;
    while (kind->name[0] && !str_eq(str_from(kind->name), name))
        if (++kind == m->kinds + KINDS)
            abort();
    (void)snprintf(kind->name, sizeof kind->name, "%.*s", (int)name.n, name.p);
    return &kind->took;
}

static void judge(struct mixed *m)
{
    if (wire_status(&m->answer) / 100 != 2 && m->refused++ == 0)
        fprintf(stderr, "mixed: %s\n%s\n", buf_cstr(&m->request), buf_cstr(&m->answer));
}

static void call(struct mixed *m, struct str method, const char *path, struct str body)
{
    if (str_eq(method, STR("POST")))
        wire_post(&m->request, path, m->token, body);
    else
        wire_get(&m->request, path, m->token, "");
    wire_send(m->fd, buf_view(&m->request));
    while (!wire_hear(m->fd, &m->answer))
        continue;
    judge(m);
}

// A stream has no length, so its answer is whole with every piece.
static void subscribe(struct mixed *m, const char *path)
{
    int fd = wire_dial(m->port);
    wire_get(&m->request, path, m->token, "");
    wire_send(fd, buf_view(&m->request));
    do
        (void)wire_hear(fd, &m->answer);
    while (wire_status(&m->answer) == 200 && !strstr(buf_cstr(&m->answer), "\nevent: ready\n"));
    judge(m);
    (void)close(fd);
}

static void run_line(struct mixed *m, struct str line)
{
    struct str name = str_cut(&line, '\t'), method = str_cut(&line, '\t');
    char *path = mem_dup(str_cut(&line, '\t'));
    buf_clear(&m->request);
    buf_clear(&m->answer);
    int64_t began = clock_mono_ns();
    if (str_eq(method, STR("SUBSCRIBE")))
        subscribe(m, path);
    else
        call(m, method, path, line);
    samples_add(samples_of(m, name), clock_mono_ns() - began);
    free(path);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s PORT TOKEN < calls\n", argv[0]);
        return 2;
    }
    struct mixed m = {.port = argv[1], .token = argv[2], .fd = wire_dial(argv[1])};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0)
        run_line(&m, (struct str){line, (size_t)n - 1});
    for (struct kind *kind = m.kinds; kind < m.kinds + KINDS && kind->name[0]; kind++) {
        printf("{\"kind\":\"%s\",\"calls\":%zu,\"p50Ms\":%.3f,\"p99Ms\":%.3f}\n", kind->name, kind->took.n,
               samples_quantile_ms(&kind->took, 0.5), samples_quantile_ms(&kind->took, 0.99));
        samples_fini(&kind->took);
    }
    free(line);
    buf_fini(&m.request);
    buf_fini(&m.answer);
    return m.refused ? 1 : 0;
}
