#include "agent/http.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/guard.h"

#define CONNECT_MS 5000L
#define TURN_MS 500 /* the longest sleep: how exactly a stall is noticed */

struct http {
    CURLM *multi;
    atomic_bool aborted;
    atomic_bool woken;
    struct http_transfer *first;
    int64_t (*tick)(void *arg);
    void *tick_arg;
};

struct http_transfer {
    struct http *http;
    struct http_transfer *next;
    CURL *easy;
    struct curl_slist *headers;
    int (*on_data)(void *arg, long status, const char *p, size_t n);
    void (*on_end)(void *arg, const struct http_reply *reply);
    void *arg;
    struct http_reply *result; /* of http_run(): filled instead of calling on_end */
    bool *ended;
    size_t max_bytes;
    size_t received;
    int64_t stall_ms;  /* 0: may be silent for ever */
    int64_t last_byte; /* when; its begin, before any */
    bool stopped, too_large, forbidden;
    char error[CURL_ERROR_SIZE];
};

int http_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

struct http *http_new(void)
{
    struct http *http = text_alloc(sizeof *http);

    http->multi = curl_multi_init();
    if (http->multi == NULL)
        abort();
    return http;
}

static void transfer_free(struct http_transfer *t)
{
    struct http_transfer **at = &t->http->first;

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    (void)curl_multi_remove_handle(t->http->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    free(t);
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    while (http->first != NULL)
        transfer_free(http->first);
    (void)curl_multi_cleanup(http->multi);
    free(http);
}

void http_abort(struct http *http)
{
    http->aborted = true;
    http_wake(http);
}

bool http_is_aborted(const struct http *http)
{
    return http->aborted;
}

void http_wake(struct http *http)
{
    http->woken = true;
    (void)curl_multi_wakeup(http->multi);
}

void http_set_ticker(struct http *http, int64_t (*tick)(void *arg), void *arg)
{
    http->tick = tick;
    http->tick_arg = arg;
}

static size_t take_data(char *p, size_t size, size_t n, void *arg)
{
    struct http_transfer *t = arg;
    long status = 0;

    n *= size;
    t->received += n;
    t->last_byte = clock_ms();
    t->too_large = t->max_bytes > 0 && t->received > t->max_bytes;
    if (t->too_large)
        return 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->on_data != NULL && n > 0 && t->on_data(t->arg, status, p, n) != 0) {
        t->stopped = true;
        return 0;
    }
    return n;
}

static curl_socket_t open_public_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_transfer *t = arg;

    if (purpose != CURLSOCKTYPE_IPCXN || !guard_address_is_public(&address->addr, address->addrlen)) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Options that may fail are only those that allocate. */
static void set_options(struct http_transfer *t, const struct http_request *request)
{
    CURL *easy = t->easy;
    CURLcode failed = CURLE_OK;

    failed |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "trace-agent/" PACKAGE_VERSION);
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->total_ms);
    failed |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    if (request->body != NULL) {
        failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        failed |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->method != NULL)
        failed |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->only_public) {
        /* A kept connection or a proxy would be used without asking for a socket. */
        failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        failed |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
        failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_public_socket);
        failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
        failed |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    }
    if (failed != CURLE_OK)
        abort();
}

static void add_header(struct http_transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);

    if (longer == NULL)
        abort();
    t->headers = longer;
}

static struct http_transfer *begin(struct http *http, const struct http_request *request)
{
    struct http_transfer *t = text_alloc(sizeof *t);

    t->http = http;
    t->easy = curl_easy_init();
    if (t->easy == NULL)
        abort();
    t->on_data = request->on_data;
    t->arg = request->arg;
    t->max_bytes = request->max_bytes;
    t->stall_ms = request->stall_s * 1000;
    t->last_byte = clock_ms();
    if (request->body != NULL)
        add_header(t, "Content-Type: application/json");
    add_header(t, "Expect:"); /* no round trip before a body */
    for (const char *const *h = request->headers; h != NULL && *h != NULL; h++)
        add_header(t, *h);
    set_options(t, request);
    t->next = http->first;
    http->first = t;
    if (curl_multi_add_handle(http->multi, t->easy) != CURLM_OK)
        abort();
    return t;
}

struct http_transfer *http_start(struct http *http, const struct http_request *request,
                                 void (*on_end)(void *arg, const struct http_reply *reply))
{
    struct http_transfer *t = begin(http, request);

    t->on_end = on_end;
    return t;
}

void http_cancel(struct http_transfer *transfer)
{
    if (transfer != NULL)
        transfer_free(transfer);
}

static enum http_end classify(const struct http_transfer *t, CURLcode code)
{
    if (t->too_large)
        return HTTP_TOO_LARGE;
    if (t->stopped)
        return HTTP_STOPPED;
    switch ((int)code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return HTTP_BAD_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
        return t->forbidden ? HTTP_FORBIDDEN : HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_STALLED;
    default:
        return HTTP_BROKEN;
    }
}

static void fill_reply(const struct http_transfer *t, CURLcode code, struct http_reply *reply)
{
    curl_off_t wait = 0;
    char *string = NULL;

    *reply = (struct http_reply){.end = classify(t, code)};
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply->status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
    reply->retry_after_s = wait > 0 && wait < 86400 ? (long)wait : 0;
    if (curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &string) == CURLE_OK && string != NULL)
        (void)snprintf(reply->content_type, sizeof reply->content_type, "%s", string);
    string = NULL;
    if (curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &string) == CURLE_OK && string != NULL)
        reply->redirect_url = text_dup(string);
    if (reply->end != HTTP_DONE)
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
}

/* Reports the end and frees the transfer first, so that on_end may begin anew. */
static void finish(struct http_transfer *t, const struct http_reply *reply)
{
    struct http_transfer copy = *t;
    struct http_reply given = *reply;

    transfer_free(t);
    if (copy.result != NULL) {
        *copy.result = given;
        *copy.ended = true;
        return;
    }
    if (copy.on_end != NULL)
        copy.on_end(copy.arg, &given);
    http_reply_fini(&given);
}

/* True if anything ended: whoever waited for it must not sleep on. */
static bool collect_ended(struct http *http)
{
    CURLMsg *message;
    bool any = false;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_transfer *t = NULL;
        struct http_reply reply;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&t);
        fill_reply(t, message->data.result, &reply);
        finish(t, &reply);
        any = true;
    }
    return any;
}

/* curl's own limit is on a speed averaged over some seconds, and much later. One a turn: ending it may begin others. */
static bool end_stalled(struct http *http)
{
    int64_t now = clock_ms();
    struct http_reply reply;

    for (struct http_transfer *t = http->first; t != NULL; t = t->next) {
        if (t->stall_ms == 0 || now - t->last_byte < t->stall_ms)
            continue;
        fill_reply(t, CURLE_OPERATION_TIMEDOUT, &reply);
        finish(t, &reply);
        return true;
    }
    return false;
}

static void end_aborted(struct http *http)
{
    struct http_reply reply = {.end = HTTP_ABORTED, .error = "aborted"};

    /* Only what was running: on_end may begin more, which the next turn ends. */
    for (struct http_transfer *t = http->first, *next; t != NULL; t = next) {
        next = t->next;
        if (t->result != NULL)
            finish(t, &reply);
    }
}

static void turn(struct http *http, int64_t most_ms)
{
    int64_t wait = most_ms < TURN_MS ? most_ms : TURN_MS;
    bool any_ended;
    int running;

    if (http->tick != NULL) {
        int64_t next = http->tick(http->tick_arg);

        wait = next < wait ? next : wait;
    }
    (void)curl_multi_perform(http->multi, &running);
    any_ended = collect_ended(http) || end_stalled(http);
    if (http->aborted) {
        end_aborted(http);
        return;
    }
    if (any_ended || http->woken || wait <= 0)
        return;
    (void)curl_multi_poll(http->multi, NULL, 0, (int)wait, NULL);
}

void http_run(struct http *http, const struct http_request *request, struct http_reply *reply)
{
    bool ended = false;
    struct http_transfer *t;

    *reply = (struct http_reply){.end = HTTP_ABORTED, .error = "aborted"};
    if (http->aborted)
        return;
    t = begin(http, request);
    t->result = reply;
    t->ended = &ended;
    while (!ended) {
        http->woken = false;
        turn(http, TURN_MS);
    }
}

static int collect_body(void *arg, long status, const char *p, size_t n)
{
    (void)status;
    text_add(arg, p, n);
    return 0;
}

void http_fetch(struct http *http, const struct http_request *request, struct http_reply *reply, struct text *body)
{
    struct http_request collecting = *request;

    collecting.on_data = collect_body;
    collecting.arg = body;
    http_run(http, &collecting, reply);
}

void http_reply_fini(struct http_reply *reply)
{
    free(reply->redirect_url);
    reply->redirect_url = NULL;
}

void http_wait(struct http *http, int64_t ms)
{
    int64_t until = clock_ms() + ms, now;

    while (!http->aborted && !http->woken && (now = clock_ms()) < until)
        turn(http, until - now);
    http->woken = false;
}
