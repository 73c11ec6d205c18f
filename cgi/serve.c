#include "cgi/serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "cgi/fcgi.h"
#include "cgi/intake.h"
#include "cgi/metrics.h"
#include "cgi/origin.h"
#include "cgi/plain.h"
#include "cgi/prefork.h"
#include "cgi/route.h"
#include "cgi/status.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/log.h"
#include "lib/privilege.h"

struct service {
    const struct program *program;
    int listener;
};

static bool is_safe(enum method method)
{
    return method == METHOD_GET || method == METHOD_HEAD;
}

static bool is_ours(struct exchange *x)
{
    return origin_is_ours(str_from(x->ops->variable(x, "HTTP_ORIGIN")),
                          str_from(x->ops->variable(x, "HTTP_SEC_FETCH_SITE")),
                          str_from(x->ops->variable(x, "HTTP_HOST")), str_from(config_text(CONFIG_PUBLIC_URL)));
}

static bool is_known(const struct request *r, enum who who)
{
    switch (who) {
    case WHO_ANYONE:
        return true;
    case WHO_PERSON:
        return r->secret.p && !r->is_program;
    case WHO_PROGRAM:
        return r->secret.p && r->is_program;
    case WHO_KNOWN:
    default:
        return r->secret.p != NULL;
    }
}

static int answer(struct request *r, struct exchange *x, const struct program *program, const struct route **found)
{
    int status = intake_head(r, x);
    if (status)
        return status;
    struct buf allow = {0};
    const struct route *route = *found = route_find(program, r, &allow);
    if (!route && allow.n)
        request_header(r, "Allow", buf_view(&allow));
    bool is_path = allow.n > 0;
    buf_fini(&allow);
    if (!route)
        return is_path ? problem(r, 405, "method_not_allowed", "This method is not allowed here.")
                       : problem_not_found(r);
    if (!is_known(r, route->who))
        return r->secret.p ? problem_wrong_credential(r) : problem_unauthenticated(r);
    if (!is_safe(r->method) && !r->is_program && !is_ours(x))
        return problem(r, 403, "cross_origin", "A page of another origin may not do this.");
    status = intake_body(r, x, route->body);
    return status ? status : route->handler(r);
}

// CGI response (RFC 3875, 6): header lines, an empty line, the body; HEAD and 204/304 have none.
static void print_reply(struct buf *reply, const struct request *r, int status)
{
    bool has_body = status != 204 && status != 304;
    buf_printf(reply, "Status: %d %s\r\nTrace-Time: %lld\r\nCache-Control: no-store\r\n", status, status_phrase(status),
               (long long)(clock_wall_us() / 1000));
    buf_str(reply, buf_view(&r->headers));
    bool is_typed = r->headers.n && memmem(r->headers.p, r->headers.n, "Content-Type:", 13);
    if (has_body && !is_typed)
        buf_printf(reply, "Content-Type: %s\r\n", r->is_problem ? "application/problem+json" : "application/json");
    if (has_body)
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
    if (x->ops->write(x, buf_view(reply)))
        log_debug("nobody waited for a reply");
    metrics_count(route ? route_index(program, route) : -1, status, clock_mono_ns() - r->received);
    metrics_hints_lost(bus_lost(r->worker->bus) - lost_before);
    request_reset(r);
}

static volatile sig_atomic_t must_stop;

static void on_stop(int signal)
{
    (void)signal;
    must_stop = 1;
}

// Answers requests until a signal says stop.
static void answer_all(struct request *r, struct buf *reply, const struct service *service)
{
    // Before libfcgi starts: it puts a handler that does nothing where there is none, and the signal would be lost.
    const struct sigaction stop = {.sa_handler = on_stop};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    struct fcgi *fcgi = fcgi_new(service->listener);
    sigset_t unblocked;
    sigprocmask(SIG_BLOCK, NULL, &unblocked);
    sigdelset(&unblocked, SIGTERM);
    sigdelset(&unblocked, SIGINT);
    // Both are let in only while the worker waits for a request: what is in hand is finished.
    while (!must_stop) {
        struct exchange *x = fcgi_next(fcgi, &unblocked);
        if (!x)
            continue;
        handle(r, x, service->program, reply);
        fcgi_end(fcgi);
    }
    fcgi_free(fcgi);
}

// What a large answer took is given back to the allocator, up to this much not to the kernel: the next one would fault
// in page after page, which was a quarter of the program's time.
enum { KEPT_BYTES = 4 << 20 };

static void work(void *context)
{
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    const struct service *service = context;
    struct worker worker = {
        .pg = pg_new(config_text(CONFIG_DATABASE_URL), service->program->name),
        .bus = bus_new(config_text(CONFIG_SOCKET_DIR), (int)config_number(CONFIG_PUSHERS)),
        .program = service->program->name,
    };
    struct request r = {.worker = &worker};
    struct buf reply = {0};
    if (service->listener < 0)
        handle(&r, plain_exchange(), service->program, &reply);
    else
        answer_all(&r, &reply, service);
    request_fini(&r);
    buf_fini(&reply);
    bus_free(worker.bus);
    pg_free(worker.pg);
}

int serve_main(int argc, char **argv, const struct program *program)
{
    if (argc > 1) {
        bool is_help = str_eq(str_from(argv[1]), STR("--help"));
        fprintf(is_help ? stdout : stderr, "usage: %s\n\nA FastCGI program; it is configured by its environment:\n\n",
                argv[0]);
        config_print(is_help ? stdout : stderr);
        return is_help ? 0 : 2;
    }
    privilege_refuse_root(program->name);
    config_init(program->name);
    signal(SIGPIPE, SIG_IGN);
    metrics_init(program);
    struct service service = {.program = program, .listener = -1};
    if (plain_wanted()) {
        work(&service);
        return 0;
    }
    char path[108], name[64];
    (void)snprintf(name, sizeof name, "%s.sock", program->name);
    service.listener = fcgi_listen(config_socket(path, name));
    if (service.listener < 0)
        return 1;
    log_info("listening at %s with %d workers", path, (int)config_number(CONFIG_WORKERS));
    return prefork_run((int)config_number(CONFIG_WORKERS), work, &service);
}
