// Reads a session again and again, turn about in three ways, and says how long each takes:
//
//     rows      its rows alone by libpq: a prepared statement on a key, results in binary, thrown away
//     program   the pages of the API, from trace-api's FastCGI socket
//     nginx     the same through nginx, on one kept connection
//
//     read PORT FASTCGI_SOCKET DATABASE WORKSPACE TOKEN SESSION STEPS ROUNDS pages|outline
//
// A session is read as the page and the clients read it: by pages of 500 steps, each the next request; the rows by the
// same ranges. The raw statement asks for no more than the same columns of the same rows: it neither authorises nor
// reads the session, its attempts or what its steps belong to, which every page does. Its output is a JSON object.
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/clock.h"
#include "lib/step_json.h"
#include "tests/bench/fastcgi.h"
#include "tests/bench/http.h"

enum { PAGE = 500, WAYS = 3 };

static const char PAGE_ROWS[] = "SELECT " STEP_COLUMNS_WHOLE " FROM steps p WHERE p.session_id = $1\n"
                                "AND p.step_number BETWEEN $2::integer AND $3::integer ORDER BY p.step_number";
static const char OUTLINE_ROWS[] =
    "SELECT p.id, p.step_number, p.step_type, p.parent_step_id, p.failed, p.end_seq, p.started_at, p.completed_at,\n"
    "p.message_id, p.seq FROM steps p WHERE p.session_id = $1 AND p.step_number BETWEEN $2::integer AND $3::integer\n"
    "ORDER BY p.step_number";

struct bench {
    PGconn *conn;
    struct http http;
    const char *socket, *session, *authorization;
    bool is_outline;
    int steps, page;
    struct buf path, query, answer;
    int64_t bytes; // of the last answer's body
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

static void say_query(struct bench *b, int after)
{
    buf_clear(&b->query);
    if (!b->is_outline)
        buf_printf(&b->query, "?limit=%d&after=%d", b->page, after);
}

static void read_program(struct bench *b, int after)
{
    struct buf uri = {0};
    say_query(b, after);
    buf_str(&uri, buf_view(&b->path));
    buf_str(&uri, buf_view(&b->query));
    const struct parameter_pair parameters[] = {
        {"REQUEST_METHOD", "GET"},
        {"REQUEST_URI", buf_cstr(&uri)},
        {"HTTP_AUTHORIZATION", b->authorization},
    };
    fastcgi_get(b->socket, parameters, 3, &b->answer);
    if (!str_starts(buf_view(&b->answer), STR("Status: 200 ")))
        fail("program", buf_cstr(&b->answer));
    buf_fini(&uri);
}

static void read_nginx(struct bench *b, int after)
{
    struct buf uri = {0};
    struct str body;
    say_query(b, after);
    buf_str(&uri, buf_view(&b->path));
    buf_str(&uri, buf_view(&b->query));
    if (http_ask(&b->http, "GET", buf_cstr(&uri), STR_NONE, &body) != 200)
        fail("nginx", buf_cstr(&b->http.answer));
    b->bytes += (int64_t)body.n;
    buf_fini(&uri);
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

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
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
    int64_t *took = mem_alloc((size_t)rounds * WAYS * sizeof *took);
    for (int round = -rounds / 10 - 6; round < rounds; round++)
        for (int way = 0; way < WAYS; way++) {
            int64_t ns = read_session(b, &ways[way]);
            if (round >= 0)
                took[way * rounds + round] = ns;
        }
    printf("{\"bytes\":%lld", (long long)b->bytes);
    for (int way = 0; way < WAYS; way++) {
        qsort(took + way * rounds, (size_t)rounds, sizeof *took, by_size);
        printf(",\"%s\":%.3f", ways[way].name, (double)took[way * rounds + rounds / 2] / 1e6);
    }
    printf("}\n");
    free(took);
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        fprintf(stderr, "usage: %s PORT FASTCGI_SOCKET DATABASE WORKSPACE TOKEN SESSION STEPS ROUNDS pages|outline\n",
                argv[0]);
        return 2;
    }
    struct buf credential = {0};
    buf_printf(&credential, "Authorization: Bearer %s", argv[5]);
    struct bench b = {
        .http = {.port = (int)strtol(argv[1], NULL, 10), .fd = -1, .field = buf_cstr(&credential)},
        .socket = argv[2],
        .session = argv[6],
        .authorization = credential.p + strlen("Authorization: "),
        .is_outline = str_eq(str_from(argv[9]), STR("outline")),
        .steps = (int)strtol(argv[7], NULL, 10),
    };
    b.page = b.is_outline ? b.steps : PAGE;
    buf_printf(&b.path, "/api/workspaces/%s/agent-sessions/%s%s", argv[4], b.session, b.is_outline ? "/outline" : "");
    connect_rows(&b, argv[3]);
    measure(&b, (int)strtol(argv[8], NULL, 10));
    PQfinish(b.conn);
    http_fini(&b.http);
    buf_fini(&b.path);
    buf_fini(&b.query);
    buf_fini(&b.answer);
    buf_fini(&credential);
    return 0;
}
