// SPDX-License-Identifier: Apache-2.0
// Starts steps by the statement and the connections of the programs, without them: each alone in its transaction, or
// several in one, one behind the other on the same connection. tests/bench/commits.mjs measures what PostgreSQL takes.
//
//     DATABASE_URL=URL commits CONNECTIONS TOGETHER SECONDS TOKEN WORKSPACE SESSION…
//
// Connection c writes to the sessions c × TOGETHER and following. Prints how many steps were written, and ends with its
// standard input: until then the connections stay, so that what their backends have taken can be read.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/id.h"
#include "store/pg.h"
#include "store/pg_value.h"
#include "tests/bench/wire.h"

enum {
    TOGETHER_MAX = 64,
    CONNECTIONS_MAX = 256,
    SECONDS_MAX = 3600,
    CONTENT_BYTES = 200,
    PARAMETERS = 11,
    DEADLINE_MS = 30000
};
enum { CONNECTIONS = 1, TOGETHER, SECONDS, TOKEN, WORKSPACE, SESSIONS };

extern const struct pg_statement __start_pg_statements[], __stop_pg_statements[];

static const struct pg_statement *find(const char *name)
{
    for (const struct pg_statement *s = __start_pg_statements; s < __stop_pg_statements; s++)
        if (s->name && strcmp(s->name, name) == 0)
            return s;
    wire_fail(name);
}

// 0: it is no number from 1 to `most`.
static int number(const char *text, int most)
{
    int64_t n;
    return str_to_i64(str_from(text), &n) == 0 && n > 0 && n <= most ? (int)n : 0;
}

struct call {
    char id[ID_SIZE];
    const char *params[PARAMETERS];
};

static void make_call(struct call *call, char **argv, const char *session, const char *content)
{
    id_new(call->id, "stp");
    const char *params[PARAMETERS] = {argv[TOKEN], argv[WORKSPACE], session, call->id, "tool_call", NULL,
                                      NULL,        content,         "211",   NULL,     NULL};
    memcpy(call->params, params, sizeof params);
}

// One transaction. A step that was not written ends the program.
static void write_steps(struct pg *pg, char **argv, int n, int first, const char *content)
{
    const struct pg_statement *start = find("step_start");
    struct call made[TOGETHER_MAX];
    struct pg_call calls[TOGETHER_MAX];
    for (int i = 0; i < n; i++) {
        make_call(&made[i], argv, argv[SESSIONS + first + i], content);
        calls[i] = (struct pg_call){.statement = start, .n = PARAMETERS, .params = made[i].params};
    }
    enum pg_outcome outcome =
        n == 1 ? pg_run(pg, start, PARAMETERS, made[0].params, &calls[0].rows) : pg_pipeline(pg, calls, n);
    for (int i = 0; i < n; i++) {
        if (outcome != PG_OK || pg_rows(calls[i].rows) != 1)
            wire_fail("a step was not written");
        pg_clear(calls[i].rows);
    }
}

static void work(char **argv, int connection, int done, int gate)
{
    struct buf content = {0};
    char closed;
    buf_printf(&content, "{\"tool\":\"%0*d\"}", CONTENT_BYTES, 0);
    struct pg *pg = pg_new(getenv("DATABASE_URL"), "commits", DEADLINE_MS);
    int n = number(argv[TOGETHER], TOGETHER_MAX);
    int64_t steps = 0, end_ns = clock_mono_ns() + number(argv[SECONDS], SECONDS_MAX) * INT64_C(1000000000);
    for (; clock_mono_ns() < end_ns; steps += n)
        write_steps(pg, argv, n, connection * n, buf_cstr(&content));
    if (write(done, &steps, sizeof steps) != sizeof steps || read(gate, &closed, 1) != 0)
        wire_fail("a pipe");
    pg_free(pg);
    buf_fini(&content);
}

int main(int argc, char **argv)
{
    int done[2], gate[2];
    bool is_whole = argc > SESSIONS;
    int connections = is_whole ? number(argv[CONNECTIONS], CONNECTIONS_MAX) : 0;
    int together = is_whole ? number(argv[TOGETHER], TOGETHER_MAX) : 0;
    if (!connections || !together || argc - SESSIONS < connections * together) {
        fprintf(stderr, "usage: commits CONNECTIONS TOGETHER SECONDS TOKEN WORKSPACE SESSION...\n");
        return 2;
    }
    if (pipe(done) || pipe(gate))
        wire_fail("pipe");
    for (int i = 0; i < connections; i++) {
        if (fork() == 0) {
            (void)close(gate[1]);
            work(argv, i, done[1], gate[0]);
            return 0;
        }
    }
    int64_t sum = 0, steps;
    for (int i = 0; i < connections; i++, sum += steps)
        if (read(done[0], &steps, sizeof steps) != sizeof steps)
            wire_fail("a connection ended");
    printf("%lld\n", (long long)sum);
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    (void)close(gate[1]);
    while (wait(NULL) > 0)
        continue;
    return 0;
}
