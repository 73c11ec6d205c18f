// SPDX-License-Identifier: Apache-2.0
// The nginx module that gives a client's socket to the pusher, so that the events of a stream need no copy through
// nginx.
//
//     location = /internal/pusher/1 {
//         trace_handoff unix:/run/agent-trace/pusher-1.handoff;
//         proxy_pass http://pusher_1/events;
//     }
//
// It is a handler of the PRECONTENT phase: a request that it declines falls through to the location's proxy_pass, and
// its client cannot tell. It hands over only connections for which nginx has no further duty: plain HTTP/1.1, nothing
// read ahead, nothing waiting to be written. While the pusher has not answered, nginx keeps its copy of the socket out
// of its event loop; wire/handoff.h says why two programs never write to it.
//
// $trace_handoff is for the access log: "handed_over", or why the request was proxied.
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sse/nginx/handoff_link.h"

struct handoff_conf {
    struct handoff_link *link; // NULL: nothing is handed over here
};

enum handoff_state { STATE_WAITING, STATE_DECLINED, STATE_HANDED_OVER };

struct handoff_context {
    enum handoff_state state;
    const char *label;
    ngx_http_request_t *request;
    bool read_active; // which of the client's events were in the event loop
    bool write_active;
    struct handoff_wait wait;
};

extern ngx_module_t ngx_http_trace_handoff_module;

// Why a request is not of the kind that can be handed over; NULL if it is.
static const char *unfit(const ngx_http_request_t *r)
{
    const ngx_connection_t *c = r->connection;
#if (NGX_HTTP_SSL)
    if (c->ssl)
        return "tls";
#endif
#if (NGX_HTTP_V2)
    if (r->stream)
        return "http2";
#endif
    if (r != r->main)
        return "subrequest";
    if (r->http_version != NGX_HTTP_VERSION_11)
        return "version";
    if (r->method != NGX_HTTP_GET)
        return "method";
    if (r->headers_in.content_length_n > 0 || r->headers_in.chunked)
        return "body";
    if (r->header_in->pos != r->header_in->last)
        return "pipelined";
    if (c->buffered || r->header_sent || c->error)
        return "written";
    return NULL;
}

static ngx_int_t watch(ngx_event_t *event, ngx_int_t kind)
{
    return ngx_add_event(event, kind, (ngx_event_flags & NGX_USE_CLEAR_EVENT) ? NGX_CLEAR_EVENT : NGX_LEVEL_EVENT);
}

// Takes the socket out of the event loop. Closing it will not do that: the pusher's copy keeps it in epoll (epoll(7),
// Q6).
static ngx_int_t take_out(struct handoff_context *context)
{
    ngx_connection_t *c = context->request->connection;
    if (c->read->timer_set)
        ngx_del_timer(c->read);
    if (c->write->timer_set)
        ngx_del_timer(c->write);
    // The macro is two statements.
    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }
    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }
    context->read_active = c->read->active;
    context->write_active = c->write->active;
    if (context->read_active && ngx_del_event(c->read, NGX_READ_EVENT, 0) != NGX_OK)
        return NGX_ERROR;
    if (context->write_active && ngx_del_event(c->write, NGX_WRITE_EVENT, 0) != NGX_OK)
        return NGX_ERROR;
    return NGX_OK;
}

static ngx_int_t put_back(const struct handoff_context *context)
{
    ngx_connection_t *c = context->request->connection;
    if (context->read_active && watch(c->read, NGX_READ_EVENT) != NGX_OK)
        return NGX_ERROR;
    if (context->write_active && watch(c->write, NGX_WRITE_EVENT) != NGX_OK)
        return NGX_ERROR;
    return NGX_OK;
}

// Ends the request without a word to its client: the socket's other copy lives on in the pusher.
static void let_go(ngx_http_request_t *r)
{
    ngx_connection_t *c = r->connection;
    r->headers_out.status = NGX_HTTP_OK; // for the access log
    c->error = 1;                        // nothing more is read or written
    c->timedout = 0;                     // or reset_timedout_connection would reset it
    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}

static const char *const labels[] = {
    [HANDOFF_GONE] = "handed_over",
    [HANDOFF_KEPT] = "refused",
    [HANDOFF_LOST] = "lost",
    [HANDOFF_EXPIRED] = "expired",
};

static void on_answer(struct handoff_wait *wait, enum handoff_outcome outcome)
{
    struct handoff_context *context =
        (struct handoff_context *)((u_char *)wait - offsetof(struct handoff_context, wait));
    ngx_http_request_t *r = context->request;
    ngx_connection_t *c = r->connection;
    context->label = labels[outcome];
    if (outcome == HANDOFF_GONE) {
        context->state = STATE_HANDED_OVER;
        let_go(r);
        return;
    }
    context->state = STATE_DECLINED;
    if (put_back(context) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
    } else {
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }
    ngx_http_run_posted_requests(c);
}

static void on_request_freed(void *data)
{
    struct handoff_context *context = data;
    handoff_link_forget(&context->wait);
}

static struct handoff_context *make_context(ngx_http_request_t *r)
{
    struct handoff_context *context = ngx_pcalloc(r->pool, sizeof *context);
    ngx_http_cleanup_t *cleanup = ngx_http_cleanup_add(r, 0);
    if (!context || !cleanup)
        return NULL;
    cleanup->handler = on_request_freed;
    cleanup->data = context;
    context->request = r;
    context->wait.done = on_answer;
    ngx_http_set_ctx(r, context, ngx_http_trace_handoff_module);
    return context;
}

static ngx_int_t decline(struct handoff_context *context, const char *label)
{
    context->state = STATE_DECLINED;
    context->label = label;
    return NGX_DECLINED;
}

static ngx_int_t handler(ngx_http_request_t *r)
{
    const struct handoff_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_trace_handoff_module);
    struct handoff_context *context = ngx_http_get_module_ctx(r, ngx_http_trace_handoff_module);
    ngx_connection_t *c = r->connection;
    if (!conf->link)
        return NGX_DECLINED;
    if (context)
        return context->state == STATE_WAITING ? NGX_AGAIN : NGX_DECLINED;
    context = make_context(r);
    if (!context)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    const char *reason = unfit(r);
    if (reason)
        return decline(context, reason);
    // A corked socket would hold back what the pusher writes.
    if (c->tcp_nopush == NGX_TCP_NOPUSH_SET) {
        if (ngx_tcp_push(c->fd) == -1)
            return decline(context, "corked");
        c->tcp_nopush = NGX_TCP_NOPUSH_UNSET;
    }
    if (take_out(context) != NGX_OK)
        return NGX_ERROR;
    struct str query = {(const char *)r->args.data, r->args.len};
    struct str address = {(const char *)c->addr_text.data, c->addr_text.len};
    if (handoff_link_send(conf->link, c->fd, query, address, &context->wait) != NGX_OK)
        return put_back(context) == NGX_OK ? decline(context, "unsent") : NGX_ERROR;
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    return NGX_AGAIN;
}

static ngx_int_t label_variable(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data)
{
    const struct handoff_context *context = ngx_http_get_module_ctx(r, ngx_http_trace_handoff_module);
    (void)data;
    value->valid = value->no_cacheable = 1;
    value->not_found = !context || !context->label;
    if (value->not_found)
        return NGX_OK;
    value->data = (u_char *)(uintptr_t)context->label;
    value->len = (unsigned)strlen(context->label) & 0x0fffffff;
    return NGX_OK;
}

static ngx_http_variable_t variables[] = {
    {ngx_string("trace_handoff"), NULL, label_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    ngx_http_null_variable,
};

static ngx_int_t add_variables(ngx_conf_t *cf)
{
    for (ngx_http_variable_t *from = variables; from->name.len; from++) {
        ngx_http_variable_t *to = ngx_http_add_variable(cf, &from->name, from->flags);
        if (!to)
            return NGX_ERROR;
        to->get_handler = from->get_handler;
        to->data = from->data;
    }
    return NGX_OK;
}

static ngx_int_t add_handler(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *slot = ngx_array_push(&core->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (!slot)
        return NGX_ERROR;
    *slot = handler;
    return NGX_OK;
}

static void *make_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(struct handoff_conf));
}

static char *set_link(ngx_conf_t *cf, ngx_command_t *command, void *data)
{
    struct handoff_conf *conf = data;
    const ngx_str_t *words = cf->args->elts;
    ngx_str_t path = words[1];
    (void)command;
    if (conf->link)
        return "is duplicate";
    if (path.len <= 5 || ngx_strncmp(path.data, "unix:", 5) != 0)
        return "needs a Unix socket, as unix:/run/agent-trace/pusher-1.handoff";
    // nginx's words are terminated by a zero byte.
    conf->link = handoff_link_new(cf->pool, (const char *)path.data + 5);
    return conf->link ? NGX_CONF_OK : "has a path that is too long for a Unix socket";
}

static ngx_command_t commands[] = {
    {ngx_string("trace_handoff"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, set_link, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    ngx_null_command,
};

static ngx_http_module_t module_context = {
    add_variables, add_handler, NULL, NULL, NULL, NULL, make_conf, NULL,
};

ngx_module_t ngx_http_trace_handoff_module = {
    NGX_MODULE_V1, &module_context,       commands, NGX_HTTP_MODULE, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL,          NGX_MODULE_V1_PADDING,
};
