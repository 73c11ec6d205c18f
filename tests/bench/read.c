// SPDX-License-Identifier: Apache-2.0
// Reads a session again and again, turn about in three ways, and says how long each takes:
//
//     rows      its rows alone by libpq: a prepared statement on a key, results in binary, thrown away
//     program   the pages of the API, from trace-api's FastCGI socket
//     nginx     the same through nginx, on one kept connection
//
//     read PORT FASTCGI_SOCKET DATABASE WORKSPACE TOKEN SESSION STEPS ROUNDS pages|outline
//
// A session is read as the page and the clients read it: by pages of 500 steps, each from the cursor that the one
// before has given (nextAfter); the rows by the same ranges. The raw statement asks for no more than the same columns
// of the same rows: it neither authorises nor reads the session, its attempts or what its steps belong to, which every
// page does. Its output is a JSON object.
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "store/step_columns.h"
#include "tests/bench/fastcgi.h"
#include "tests/bench/samples.h"
#include "tests/bench/wire.h"

// Before its first plan for all parameters PostgreSQL makes five for one.
enum { PAGE = 500, WAYS = 3, WARM_UP = 20 };

static const char PAGE_ROWS[] = "SELECT " STEP_COLUMNS_WHOLE " FROM steps p WHERE p.session_id = $1\n"
                                "AND p.step_number BETWEEN $2::integer AND $3::integer ORDER BY p.step_number";
static const char OUTLINE_ROWS[] =
    "SELECT p.id, p.step_number, p.step_type, p.parent_step_id, p.failed, p.end_seq, p.started_at, p.completed_at,\n"
    "p.message_id, p.seq FROM steps p WHERE p.session_id = $1 AND p.step_number BETWEEN $2::integer AND $3::integer\n"
    "ORDER BY p.step_number";

struct bench {
    PGconn *conn;
    int nginx;
    const char *socket, *session, *token;
    bool is_outline;
    int steps, page;
    struct buf path, uri, request, answer;
    char cursor[64]; // where the next page begins
    size_t bytes;    // that nginx has sent for one session
};

typedef void read_page_fn(struct bench *b, int after);

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "read: %s: %s\n", what, why);
    exit(1);
}

static void read_rows(struct bench *b, int after)
{
    char from[16], to[16];
    (void)snprintf(from, sizeof from, "%d", after + 1);
    (void)snprintf(to, sizeof to, "%d", after + b->page);
    const char *params[] = {b->session, from, to};
    PGresult *rows = PQexecPrepared(b->conn, "rows", 3, params, NULL, NULL, 1);
    int expected = b->steps - after < b->page ? b->steps - after : b->page;
    if (PQresultStatus(rows) != PGRES_TUPLES_OK || PQntuples(rows) != expected)
        fail("rows", PQerrorMessage(b->conn));
    PQclear(rows);
}

static const char *uri(struct bench *b, int after)
{
    buf_clear(&b->uri);
    buf_str(&b->uri, buf_view(&b->path));
    if (!b->is_outline)
        buf_printf(&b->uri, "?limit=%d&after=%s", b->page, after ? b->cursor : "0");
    return buf_cstr(&b->uri);
}

// It stands behind the steps, so the last one of that name is meant.
static void keep_cursor(struct bench *b)
{
    static const char key[] = "\"nextAfter\":\"";
    const char *all = buf_cstr(&b->answer), *end = all + b->answer.n;
    for (const char *at = end - sizeof key; at > all && end - at < 256; at--)
        if (strncmp(at, key, sizeof key - 1) == 0) {
            const char *cursor = at + sizeof key - 1;
            (void)snprintf(b->cursor, sizeof b->cursor, "%.*s", (int)strcspn(cursor, "\""), cursor);
            return;
        }
}

static void read_program(struct bench *b, int after)
{
    struct buf authorization = {0};
    buf_printf(&authorization, "Bearer %s", b->token);
    const struct fastcgi_param params[] = {
        {"REQUEST_METHOD", "GET"},
        {"REQUEST_URI", uri(b, after)},
        {"HTTP_AUTHORIZATION", buf_cstr(&authorization)},
    };
    fastcgi_get(b->socket, params, 3, &b->answer);
    if (!str_starts(buf_view(&b->answer), STR("Status: 200 ")))
        fail("program", buf_cstr(&b->answer));
    keep_cursor(b);
    buf_fini(&authorization);
}

static void read_nginx(struct bench *b, int after)
{
    buf_clear(&b->request);
    buf_clear(&b->answer);
    wire_get(&b->request, uri(b, after), b->token, "");
    wire_send(b->nginx, buf_view(&b->request));
    while (!wire_hear(b->nginx, &b->answer))
        continue;
    if (wire_status(&b->answer) != 200)
        fail("nginx", buf_cstr(&b->answer));
    keep_cursor(b);
    b->bytes += wire_body(&b->answer).n;
}

static const struct way {
    const char *name;
    read_page_fn *read_page;
} ways[WAYS] = {{"rows", read_rows}, {"program", read_program}, {"nginx", read_nginx}};

static int64_t read_session(struct bench *b, const struct way *way)
{
    int64_t began = clock_mono_ns();
    b->bytes = 0;
    for (int after = 0; after < b->steps; after += b->page)
        way->read_page(b, after);
    return clock_mono_ns() - began;
}

static void connect_rows(struct bench *b, const char *url)
{
    b->conn = PQconnectdb(url);
    PGresult *prepared = PQprepare(b->conn, "rows", b->is_outline ? OUTLINE_ROWS : PAGE_ROWS, 0, NULL);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
        fail("prepare", PQerrorMessage(b->conn));
    PQclear(prepared);
}

static void measure(struct bench *b, int rounds)
{
    struct samples took[WAYS] = {0};
    for (int round = -rounds / 10 - WARM_UP; round < rounds; round++)
        for (int way = 0; way < WAYS; way++) {
            int64_t ns = read_session(b, &ways[way]);
            if (round >= 0)
                samples_add(&took[way], ns);
        }
    printf("{\"bytes\":%zu", b->bytes);
    for (int way = 0; way < WAYS; way++) {
        printf(",\"%s\":%.3f", ways[way].name, samples_quantile_ms(&took[way], 0.5));
        samples_fini(&took[way]);
    }
    printf("}\n");
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        fprintf(stderr, "usage: %s PORT FASTCGI_SOCKET DATABASE WORKSPACE TOKEN SESSION STEPS ROUNDS pages|outline\n",
                argv[0]);
        return 2;
    }
    struct bench b = {
        .nginx = wire_dial(argv[1]),
        .socket = argv[2],
        .token = argv[5],
        .session = argv[6],
        .is_outline = str_eq(str_from(argv[9]), STR("outline")),
        .steps = (int)strtol(argv[7], NULL, 10),
    };
    b.page = b.is_outline ? b.steps : PAGE;
    buf_printf(&b.path, "/api/workspaces/%s/agent-sessions/%s%s", argv[4], b.session, b.is_outline ? "/outline" : "");
    connect_rows(&b, argv[3]);
    measure(&b, (int)strtol(argv[8], NULL, 10));
    PQfinish(b.conn);
    buf_fini(&b.path);
    buf_fini(&b.uri);
    buf_fini(&b.request);
    buf_fini(&b.answer);
    return 0;
}
