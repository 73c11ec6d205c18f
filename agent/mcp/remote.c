// SPDX-License-Identifier: Apache-2.0
// The transport of servers at an address: streamable HTTP (Model Context Protocol 2025-06-18, "Transports"). Each
// request is a POST, whose answer is JSON or an event stream; what the server wants to say outside of requests is not
// listened to. A stream that ends before its answer is taken up again where it was left, if its events have ids.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/mcp/lines.h"
#include "agent/mcp/link.h"
#include "agent/mcp/message.h"
#include "agent/sse.h"
#include "base/log.h"

#define REPLY_MAX_BYTES (16u << 20) // of all events of one answer
#define REFUSAL_MAX_BYTES 4096
#define NOTICE_MS 5000L
#define GOODBYE_MS 1000L
#define TURN_MS 500
#define HEADERS_MAX 300
#define RESUMES_MAX 20      // of one answer
#define RESUME_MS 500       // before each, unless the server names another time …
#define RESUME_MAX_MS 30000 // … up to this

struct remote {
    struct link link; // first
    struct http_transfer *transfer;
    struct sse *sse;
    struct buf whole;   // an answer that is JSON
    struct buf queue;   // a message a line, not yet passed on
    struct lines lines; // the same, as it is passed on
    bool has_begun, is_stream, is_too_long;
    int resumes;
    int64_t resume_ms;
    char session[256]; // what the server calls this conversation; "": nothing
};

// In JSON a line end is a blank.
static void enqueue(struct remote *remote, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_char(&remote->queue, text.p[i] == '\n' || text.p[i] == '\r' ? ' ' : text.p[i]);
    buf_char(&remote->queue, '\n');
}

static int take_event(void *arg, const struct sse_event *event)
{
    enqueue(arg, (struct str){event->data, event->data_len});
    return 0;
}

static void take_retry(void *arg, long ms)
{
    struct remote *remote = arg;
    remote->resume_ms = ms < RESUME_MAX_MS ? ms : RESUME_MAX_MS;
}

// Visible characters, as the specification has it.
static void take_session(struct remote *remote)
{
    char session[sizeof remote->session];
    if (!http_header(remote->transfer, "mcp-session-id", session, sizeof session))
        return;
    for (const char *c = session; *c != '\0'; c++)
        if (*c < '!' || *c > '~')
            return;
    memcpy(remote->session, session, sizeof session);
}

static int take_data(void *arg, long status, const char *p, size_t n)
{
    struct remote *remote = arg;
    bool is_good = status >= 200 && status < 300;
    if (is_good && remote->session[0] == '\0' && remote->transfer)
        take_session(remote);
    for (size_t i = 0; i < n && !remote->has_begun; i++)
        if (!isspace((unsigned char)p[i])) {
            remote->has_begun = true;
            remote->is_stream = is_good && p[i] != '{' && p[i] != '[';
        }
    if (remote->is_stream) {
        remote->is_too_long = sse_feed(remote->sse, p, n) != 0;
        return remote->is_too_long;
    }
    size_t most = is_good ? MESSAGE_MAX_BYTES : REFUSAL_MAX_BYTES;
    buf_bytes(&remote->whole, p, n < most - remote->whole.n ? n : most - remote->whole.n);
    return 0;
}

// 404 by the specification; many servers call it a bad request.
static bool is_forgotten(struct remote *remote, long status)
{
    return remote->session[0] != '\0' &&
           (status == 404 || (status == 400 && strcasestr(buf_cstr(&remote->whole), "session")));
}

// An error of the protocol may come with a status of HTTP that is one, too.
static bool is_answer(struct remote *remote)
{
    struct message message;
    message_read(&message, buf_view(&remote->whole));
    bool is = message.kind == MESSAGE_ERROR && message.id > 0;
    message_fini(&message);
    return is;
}

static void judge(struct remote *remote, const struct http_reply *reply)
{
    struct link *link = &remote->link;
    bool is_refusal = reply->status == 401 || reply->status == 403;
    if (reply->end == HTTP_UNREACHABLE || reply->end == HTTP_BAD_URL)
        link_fail(link, "it cannot be reached");
    else if (reply->end == HTTP_TOO_LARGE || remote->is_too_long)
        link_fail(link, "its answer was too large");
    // Of a stream that has begun nobody knows how far the call has come: it is not made again.
    else if (remote->resumes == 0 && is_forgotten(remote, reply->status))
        link->is_expired = true;
    else if (reply->status >= 400 && remote->resumes > 0)
        link_fail(link, "its answer was cut off");
    else if (reply->status >= 400 && is_answer(remote))
        enqueue(remote, buf_view(&remote->whole));
    else if (reply->status >= 300 && reply->status < 400)
        link_fail(link, "it sends to another address (status %ld)", reply->status);
    else if (reply->status >= 400)
        link_fail(link, "it answered with status %ld%s", reply->status, is_refusal ? ": check its key" : "");
    else if (!remote->is_stream && remote->whole.n > 0 && reply->end == HTTP_DONE)
        enqueue(remote, buf_view(&remote->whole));
}

static void ended(void *arg, const struct http_reply *reply)
{
    struct remote *remote = arg;
    remote->transfer = NULL;
    judge(remote, reply);
    if (remote->link.trouble[0] != '\0')
        log_info("a tool server failed server=%s status=%ld error=\"%s\"", remote->link.server->name, reply->status,
                 reply->error);
}

// The pointers lead into `lines` and to the server's settings.
static void headers_of(struct remote *remote, const char *last_id, struct buf *lines, const char *list[HEADERS_MAX])
{
    size_t n = 0;
    buf_printf(lines, "Last-Event-ID: %s", last_id);
    buf_char(lines, '\0');
    size_t session = lines->n;
    buf_printf(lines, "Mcp-Session-Id: %s", remote->session);
    buf_char(lines, '\0');
    size_t version = lines->n;
    buf_printf(lines, "MCP-Protocol-Version: %s", remote->link.version ? remote->link.version : "");
    buf_char(lines, '\0');
    list[n++] = "Accept: application/json, text/event-stream";
    if (remote->session[0] != '\0')
        list[n++] = lines->p + session;
    if (*last_id != '\0')
        list[n++] = lines->p;
    if (remote->link.version)
        list[n++] = lines->p + version;
    for (char **header = remote->link.server->headers; header && *header && n < HEADERS_MAX - 1; header++)
        list[n++] = *header;
    list[n] = NULL;
}

// The ids of one stream mean nothing in the next.
static void begin_stream(struct remote *remote)
{
    const struct sse_sink sink = {.on_event = take_event, .on_retry = take_retry, .arg = remote};
    sse_free(remote->sse);
    remote->sse = sse_new(&sink, MESSAGE_MAX_BYTES);
}

static void settle(struct link *link)
{
    struct remote *remote = (struct remote *)link;
    http_cancel(remote->transfer);
    remote->transfer = NULL;
    buf_clear(&remote->queue);
    buf_clear(&remote->whole);
    begin_stream(remote);
    remote->has_begun = remote->is_stream = false;
    remote->resumes = 0;
    remote->resume_ms = RESUME_MS;
}

// A message that nothing comes back for, or the end of the conversation.
static void notify(struct remote *remote, struct http *http, const char *method, struct str message, long ms)
{
    struct buf headers = {0}, body = {0}, answer = {0};
    const char *list[HEADERS_MAX];
    struct http_reply reply;
    buf_str(&body, message);
    headers_of(remote, "", &headers, list);
    const struct http_request request = {.method = method,
                                         .url = remote->link.server->url,
                                         .headers = list,
                                         .body = message.n > 0 ? buf_cstr(&body) : NULL,
                                         .body_len = message.n,
                                         .total_ms = ms,
                                         .max_bytes = REFUSAL_MAX_BYTES};
    http_fetch(http, &request, &reply, &answer);
    http_reply_fini(&reply);
    buf_fini(&headers);
    buf_fini(&body);
    buf_fini(&answer);
}

static int post(struct link *link, struct str message, bool is_request)
{
    struct remote *remote = (struct remote *)link;
    struct buf headers = {0}, body = {0};
    const char *list[HEADERS_MAX];
    if (!is_request) {
        notify(remote, link->http, NULL, message, NOTICE_MS);
        return 0;
    }
    settle(link);
    buf_str(&body, message);
    headers_of(remote, "", &headers, list);
    const struct http_request request = {.url = link->server->url,
                                         .headers = list,
                                         .body = buf_cstr(&body),
                                         .body_len = body.n,
                                         .max_bytes = REPLY_MAX_BYTES,
                                         .decodes = true,
                                         .on_data = take_data,
                                         .arg = remote};
    remote->transfer = http_start(link->http, &request, ended);
    buf_fini(&headers);
    buf_fini(&body);
    return 0;
}

// Asks for what came behind the last event of a stream that has ended too early. False if it has no ids.
static bool resume(struct remote *remote, int64_t ms)
{
    const char *last_id = sse_last_id(remote->sse), *list[HEADERS_MAX];
    struct buf headers = {0};
    if (*last_id == '\0' || remote->link.trouble[0] != '\0' || remote->resumes++ == RESUMES_MAX)
        return false;
    http_pause(remote->link.http, remote->resume_ms < ms ? remote->resume_ms : ms);
    headers_of(remote, last_id, &headers, list);
    sse_restart(remote->sse);
    remote->has_begun = remote->is_stream = false;
    const struct http_request request = {.url = remote->link.server->url,
                                         .headers = list,
                                         .max_bytes = REPLY_MAX_BYTES,
                                         .decodes = true,
                                         .on_data = take_data,
                                         .arg = remote};
    remote->transfer = http_start(remote->link.http, &request, ended);
    buf_fini(&headers);
    return true;
}

static void say(void *arg, struct str line)
{
    struct remote *remote = arg;
    remote->link.on_message(remote->link.arg, line);
}

static int take_turn(struct link *link, int64_t ms)
{
    struct remote *remote = (struct remote *)link;
    bool is_over = !remote->transfer;
    if (remote->queue.n == 0 && !is_over)
        http_step(link->http, -1, 0, ms < TURN_MS ? ms : TURN_MS);
    struct buf come = remote->queue;
    remote->queue = (struct buf){0};
    if (lines_feed(&remote->lines, buf_view(&come), MESSAGE_MAX_BYTES, say, remote) != 0)
        link_fail(link, "its answer was too large");
    else if (is_over && come.n == 0 && (link->is_expired || !resume(remote, ms)))
        link_fail(link, "its answer was cut off");
    buf_fini(&come);
    return link->trouble[0] == '\0' ? 0 : -1;
}

// On a connection of its own, because after an abort the session's is of no use. A moment each is enough: a server that
// misses it finds out by itself.
static void leave(struct link *link, struct str farewell)
{
    struct remote *remote = (struct remote *)link;
    struct http *http = http_new();
    settle(link);
    if (farewell.n > 0)
        notify(remote, http, NULL, farewell, GOODBYE_MS);
    if (remote->session[0] != '\0')
        notify(remote, http, "DELETE", STR(""), GOODBYE_MS);
    http_free(http);
    sse_free(remote->sse);
    buf_fini(&remote->whole);
    buf_fini(&remote->queue);
    buf_fini(&remote->lines.rest);
    free(remote);
}

struct link *remote_link(struct http *http, const struct server *server)
{
    static const struct link_kind kind = {.send = post, .wait = take_turn, .settle = settle, .leave = leave};
    struct remote *remote = mem_zero(sizeof *remote);
    remote->link = (struct link){.kind = &kind, .http = http, .server = server};
    remote->resume_ms = RESUME_MS;
    begin_stream(remote);
    return &remote->link;
}
