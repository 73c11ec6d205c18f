// SPDX-License-Identifier: Apache-2.0
#include "cgi/serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "cgi/access_log.h"
#include "cgi/allowance.h"
#include "cgi/cors.h"
#include "cgi/fcgi.h"
#include "cgi/flow.h"
#include "cgi/intake.h"
#include "cgi/login.h"
#include "cgi/metrics.h"
#include "cgi/origin.h"
#include "cgi/plain.h"
#include "cgi/prefork.h"
#include "cgi/problem.h"
#include "cgi/redaction.h"
#include "cgi/server_span.h"
#include "cgi/status.h"
#include "cgi/token_use.h"
#include "cgi/turns.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/privilege.h"
#include "store/pg.h"
#include "store/reader.h"
#include "store/token.h"
#include "wire/socket.h"
#include "base/version.h"

// A sign-in takes tens of milliseconds of a processor, by design. Two workers that do nothing else, with a short queue,
// are all that passwords can take from everybody else; whoever finds the queue full is told so at once.
enum { BACKLOG = 511, SIGN_IN_WORKERS = 2, SIGN_IN_BACKLOG = 8 };

struct service {
    const struct program *program;
    int listener;         // -1: one request from the environment
    int sign_in_listener; // -1: the program has none
    int workers;          // at `listener`; those beyond are at the other one
};

static bool is_safe(enum method method)
{
    return method == METHOD_GET || method == METHOD_HEAD;
}

static bool is_ours(const struct request *r, struct exchange *x)
{
    const struct origin_claim claim = {
        .origin = str_from(x->ops->variable(x, "HTTP_ORIGIN")),
        .fetch_site = str_from(x->ops->variable(x, "HTTP_SEC_FETCH_SITE")),
        .scheme = str_from(x->ops->variable(x, "REQUEST_SCHEME")),
        .host = str_from(x->ops->variable(x, "HTTP_HOST")),
        .has_cookie = r->secret.p != NULL,
    };
    return origin_is_ours(&claim, str_from(config_text(CONFIG_PUBLIC_URL)));
}

static bool is_known(const struct request *r, enum auth auth)
{
    switch (auth) {
    case AUTH_ANYONE:
        return true;
    case AUTH_PERSON:
        return r->secret.p && !r->is_program;
    case AUTH_PROGRAM:
    case AUTH_IN_PATH:
    case AUTH_READER:
    case AUTH_ALWAYS:
        return r->secret.p && r->is_program;
    case AUTH_SHARE:
        return r->secret.p && r->is_share;
    case AUTH_KNOWN:
    default:
        return r->secret.p != NULL;
    }
}

static int answer(struct request *r, struct exchange *x, const struct program *program, const struct route **found)
{
    int status = intake_head(r, x, login_is_tls());
    cors_answer(r, str_from(x->ops->variable(x, "HTTP_ORIGIN")));
    if (status)
        return status;
    struct buf allow = {0};
    const struct route *route = *found = route_find(program, r, &allow);
    bool is_path = allow.n > 0;
    if (!route && is_path) {
        request_header(r, "Allow", buf_view(&allow));
        struct str asked = str_from(x->ops->variable(x, "HTTP_ACCESS_CONTROL_REQUEST_METHOD"));
        status = cors_preflight(r, asked, buf_view(&allow));
    }
    buf_fini(&allow);
    if (status)
        return status;
    if (!route)
        return is_path ? problem(r, 405, "method_not_allowed", "This method is not allowed here.")
                       : problem_not_found(r);
    if (route->auth == AUTH_IN_PATH) {
        r->secret = r->id[0];
        r->is_program = true;
        r->is_old_login = false;
    }
    int64_t old_login_left_s = 0;
    bool is_exchanged = route->auth != AUTH_ANYONE && r->is_old_login && r->secret.p;
    if (is_exchanged && (status = login_check_old(r, &old_login_left_s)))
        return status;
    if (!is_known(r, route->auth))
        return r->secret.p ? problem_wrong_credential(r) : problem_unauthenticated(r);
    if (!is_safe(r->method) && !r->is_program && !is_ours(r, x))
        return problem(r, 403, "cross_origin",
                       "A page of another origin may not do this. If this is the server's own page behind a proxy, "
                       "TRACE_PUBLIC_URL must be the scheme and host that browsers see.");
    if ((status = allowance_check(r, route)))
        return status;
    if ((status = redaction_find(r, route)))
        return status;
    status = intake_body(r, x, route->body);
    status = status ? status : route->handler(r);
    allowance_charge(r, route, status);
    if (is_exchanged)
        login_exchange(r, old_login_left_s);
    return status;
}

static bool has_header(const struct request *r, struct str name)
{
    return r->headers.n && memmem(r->headers.p, r->headers.n, name.p, name.n);
}

// CGI response (RFC 3875, 6): header lines, an empty line, the body; HEAD and 204/304 have none.
static void print_reply(struct buf *reply, const struct request *r, int status)
{
    bool has_body = status != 204 && status != 304;
    buf_printf(reply, "Status: %d %s\r\nTrace-Time: %lld\r\n", status, status_phrase(status),
               (long long)(clock_wall_us() / 1000));
    buf_str(reply, buf_view(&r->headers));
    if (!has_header(r, STR("Cache-Control: ")))
        buf_lit(reply, "Cache-Control: no-store\r\n");
    if (has_body && !has_header(r, STR("Content-Type: ")))
        buf_printf(reply, "Content-Type: %s\r\n", r->is_problem ? "application/problem+json" : "application/json");
    if (has_body && !r->flow.next)
        buf_printf(reply, "Content-Length: %zu\r\n", r->out.n);
    buf_lit(reply, "\r\n");
    if (has_body && r->method != METHOD_HEAD)
        buf_str(reply, buf_view(&r->out));
}

static void handle(struct request *r, struct exchange *x, const struct program *program, struct buf *reply)
{
    const struct route *route = NULL;
    int64_t lost_before = bus_lost(r->worker->bus);
    int status = answer(r, x, program, &route);
    buf_clear(reply);
    print_reply(reply, r, status);
    bool is_taken = !(r->flow.next ? flow_send(r, x, buf_view(reply)) : x->ops->write(x, buf_view(reply)));
    if (!is_taken)
        log_debug("the web server no longer waited for the reply to a request");
    metrics_count(route ? route_index(program, route) : -1, status, clock_mono_ns() - r->received_ns);
    metrics_hints_lost(bus_lost(r->worker->bus) - lost_before);
    access_log_request(r, program, route, status, is_taken);
    server_span_request(r, x, program, route, status);
    if (token_use_is_due(r, route, status))
        r->used_token = request_keep(r, r->secret);
}

// What is done when the reply is out.
static void finish(struct request *r)
{
    if (r->used_token)
        store_token_used(r->worker->pg, r->used_token);
    request_reset(r);
}

static volatile sig_atomic_t must_stop;

static void on_stop(int signal)
{
    (void)signal;
    must_stop = 1;
}

// Answers requests until a signal says stop.
static void answer_all(struct request *r, struct buf *reply, const struct program *program, int listener)
{
    // This comes before libfcgi starts, because libfcgi installs a handler that does nothing where there is none, and
    // the signal would be lost.
    const struct sigaction stop = {.sa_handler = on_stop};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    struct fcgi *fcgi = fcgi_new(listener);
    sigset_t unblocked;
    sigprocmask(SIG_BLOCK, NULL, &unblocked);
    sigdelset(&unblocked, SIGTERM);
    sigdelset(&unblocked, SIGINT);
    // Both signals are unblocked only while the worker waits for a request, so a request in hand is finished.
    while (!must_stop) {
        struct exchange *x = fcgi_next(fcgi, &unblocked);
        if (!x)
            continue;
        handle(r, x, program, reply);
        fcgi_end(fcgi);
        finish(r);
    }
    fcgi_free(fcgi);
}

// Memory of a large reply stays with the allocator, up to this much, instead of going back to the kernel: the next
// reply would fault in page after page, which took a quarter of the program's time.
enum { KEPT_BYTES = 4 << 20 };

// Of the two listeners a worker keeps its own.
static int listener_of(const struct service *service, bool is_sign_in)
{
    int other = is_sign_in ? service->listener : service->sign_in_listener;
    if (other >= 0)
        (void)close(other);
    return is_sign_in ? service->sign_in_listener : service->listener;
}

static void work(void *context, int index)
{
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    const struct service *service = context;
    const char *name = service->program->name;
    int64_t deadline_ms = config_number(CONFIG_DATABASE_DEADLINE) * 1000;
    struct pg *pg = pg_new(config_text(CONFIG_DATABASE_URL), name, deadline_ms);
    struct worker worker = {
        .pg = pg,
        .reader = store_reader_new(pg, config_text(CONFIG_READ_DATABASE_URL), name, deadline_ms),
        .bus = bus_configured(),
        .write_scope = service->program->write_scope,
        .is_door = service->program->is_door,
        .hashes_passwords = service->listener < 0 || index >= service->workers,
    };
    struct request r = {.worker = &worker};
    struct buf reply = {0};
    if (service->listener < 0) {
        handle(&r, plain_exchange(), service->program, &reply);
        finish(&r);
    } else {
        answer_all(&r, &reply, service->program, listener_of(service, index >= service->workers));
    }
    request_fini(&r);
    buf_fini(&reply);
    bus_free(worker.bus);
    store_reader_free(worker.reader);
    pg_free(worker.pg);
}

int serve_main(int argc, char **argv, const struct program *program)
{
    if (version_answered(program->name, argc, argv))
        return 0;
    if (argc > 1) {
        bool is_help = str_eq(str_from(argv[1]), STR("--help"));
        fprintf(is_help ? stdout : stderr, "usage: %s\n\nA FastCGI program; it is configured by its environment:\n\n",
                argv[0]);
        config_print(is_help ? stdout : stderr);
        return is_help ? 0 : 2;
    }
    privilege_refuse_root(program->name);
    config_init(program->name);
    if ((program->check && program->check()) || server_span_init())
        return 2;
    signal(SIGPIPE, SIG_IGN);
    metrics_init(program);
    allowance_init();
    turns_init();
    token_use_init();
    store_reader_init();
    struct service service = {
        .program = program,
        .listener = -1,
        .sign_in_listener = -1,
        .workers = (int)config_number(program->is_door ? CONFIG_INGEST_WORKERS : CONFIG_WORKERS),
    };
    if (plain_wanted()) {
        work(&service, 0);
        return 0;
    }
    char path[UNIX_SOCKET_PATH_SIZE], name[64];
    (void)snprintf(name, sizeof name, "%s.sock", program->name);
    service.listener = fcgi_listen(config_socket(path, name), program->name, BACKLOG);
    if (service.listener < 0)
        return 1;
    log_info("listening at %s with %d workers", path, service.workers);
    if (!program->has_sign_in)
        return prefork_run(service.workers, work, &service);
    config_socket(path, socket_name(name, SOCKET_SIGN_IN, 0));
    service.sign_in_listener = fcgi_listen(path, "sign-in", SIGN_IN_BACKLOG);
    if (service.sign_in_listener < 0)
        return 1;
    return prefork_run(service.workers + SIGN_IN_WORKERS, work, &service);
}
