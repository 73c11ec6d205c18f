// SPDX-License-Identifier: Apache-2.0
// The default transport: HTTP/1.1 by libcurl's multi interface, on the sending thread. The only file that includes
// curl.h.
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"

// An answer longer than this is not from our server.
#define ANSWER_MAX 16777216
// A stream that is silent for this long is dead: the server pings every 15 s.
#define STREAM_SILENCE_S 40L

struct http {
    struct trace_transport ops;
    CURLM *multi;
    struct curl_slist *headers;
    char *origin, *ca_file;
    long connect_timeout_ms;
    bool busy; // since wait() began, something was done
};

// One attempt at a request.
struct exchange {
    struct http *http;
    struct trace_request *request;
    CURL *easy;
    struct emit_buf answer;
    char error[CURL_ERROR_SIZE];
};

static size_t receive(char *bytes, size_t one, size_t n, void *arg)
{
    struct exchange *x = arg;
    (void)one;
    if (x->request->data) {
        x->request->data(x->request, bytes, n);
        return n;
    }
    if (n > ANSWER_MAX - x->answer.n)
        return 0;
    emit_buf_add(&x->answer, bytes, n);
    return n;
}

static void drop(struct exchange *x)
{
    curl_multi_remove_handle(x->http->multi, x->easy);
    curl_easy_cleanup(x->easy);
    emit_buf_fini(&x->answer);
    free(x);
}

static void set_times(CURL *easy, const struct http *h, int timeout_ms)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, h->connect_timeout_ms);
    if (timeout_ms >= 0) {
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STREAM_SILENCE_S);
}

static void set_request(CURL *easy, const struct trace_request *r)
{
    if (strcmp(r->method, "GET") == 0)
        return;
    if (strcmp(r->method, "POST") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body ? r->body : "");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_length);
}

static void begin(struct trace_transport *self, struct trace_request *r)
{
    struct http *h = (struct http *)self;
    struct emit_buf url = {0};
    struct exchange *x = emit_buf_new(sizeof *x);
    x->http = h;
    x->request = r;
    x->easy = curl_easy_init();
    if (!x->easy)
        abort();
    r->transport_data = x;
    emit_buf_text(&url, h->origin);
    emit_buf_text(&url, r->path);
    curl_easy_setopt(x->easy, CURLOPT_URL, url.p);
    emit_buf_fini(&url);
    curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(x->easy, CURLOPT_USERAGENT, "libagenttrace");
    if (h->ca_file)
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, h->ca_file);
    curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
    set_times(x->easy, h, r->timeout_ms);
    set_request(x->easy, r);
    if (curl_multi_add_handle(h->multi, x->easy) != CURLM_OK)
        abort();
}

static void abandon(struct trace_transport *self, struct trace_request *r)
{
    (void)self;
    drop(r->transport_data);
}

// An answer counts only when it is whole: half of one is a broken connection.
static void finish(struct exchange *x, CURLcode code)
{
    struct trace_request *r = x->request;
    struct trace_reply reply = {.retry_after_ms = -1};
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &retry_after);
    if (code == CURLE_OK || (r->data && status)) {
        reply.status = (int)status;
        reply.body = x->answer.p;
        reply.body_length = x->answer.n;
        if (retry_after > 0 && retry_after < 1000000)
            reply.retry_after_ms = retry_after * 1000;
    } else {
        reply.error = x->error[0] ? x->error : curl_easy_strerror(code);
    }
    r->done(r, &reply);
    drop(x);
}

static void perform(struct http *h)
{
    int n;
    CURLMsg *message;
    curl_multi_perform(h->multi, &n);
    while ((message = curl_multi_info_read(h->multi, &n))) {
        char *x = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
        h->busy = true;
        finish((struct exchange *)(void *)x, code);
    }
}

static void wait_some(struct trace_transport *self, int timeout_ms)
{
    struct http *h = (struct http *)self;
    h->busy = false;
    perform(h);
    if (h->busy)
        return;
    curl_multi_poll(h->multi, NULL, 0, timeout_ms, NULL);
    perform(h);
}

static void wake(struct trace_transport *self)
{
    curl_multi_wakeup(((struct http *)self)->multi);
}

static void free_http(struct trace_transport *self)
{
    struct http *h = (struct http *)self;
    if (h->multi)
        curl_multi_cleanup(h->multi);
    curl_slist_free_all(h->headers);
    free(h->origin);
    free(h->ca_file);
    free(h);
}

// Returns the origin without a slash at its end, or NULL if it has another scheme, a path or a user.
static char *read_origin(const char *url)
{
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT};
    char *part = NULL, *origin = NULL;
    CURLU *u = curl_url();
    if (!u || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
        goto out;
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
        if (curl_url_get(u, unwanted[i], &part, 0) == CURLUE_OK)
            goto out;
    if (curl_url_get(u, CURLUPART_PATH, &part, 0) != CURLUE_OK || strcmp(part, "/") != 0)
        goto out;
    curl_free(part);
    part = NULL;
    if (curl_url_get(u, CURLUPART_SCHEME, &part, 0) != CURLUE_OK ||
        (strcmp(part, "http") != 0 && strcmp(part, "https") != 0))
        goto out;
    size_t n = strlen(url);
    while (n && url[n - 1] == '/')
        n--;
    origin = emit_buf_new(n + 1);
    memcpy(origin, url, n);
out:
    curl_free(part);
    curl_url_cleanup(u);
    return origin;
}

static void add_header(struct http *h, const char *name, const char *value)
{
    struct emit_buf line = {0};
    emit_buf_text(&line, name);
    emit_buf_text(&line, value);
    struct curl_slist *list = curl_slist_append(h->headers, line.p);
    if (!list)
        abort();
    h->headers = list;
    emit_buf_fini(&line);
}

static bool is_token(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct trace_transport *trace_transport_http(const struct trace_config *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    struct http *h = emit_buf_new(sizeof *h);
    h->ops = (struct trace_transport){
        .begin = begin, .abandon = abandon, .wait = wait_some, .wake = wake, .free = free_http};
    h->connect_timeout_ms = c->connect_timeout_ms ? c->connect_timeout_ms : 3000;
    h->ca_file = emit_buf_copy(c->ca_file);
    h->origin = read_origin(c->url);
    h->multi = curl_multi_init();
    if (!h->origin || !h->multi || !is_token(c->token)) {
        free_http(&h->ops);
        return NULL;
    }
    add_header(h, "Authorization: Bearer ", c->token);
    add_header(h, "Content-Type: ", "application/json");
    add_header(h, "Accept: ", "application/json, text/event-stream");
    // No "100 Continue" round trip before a body.
    add_header(h, "Expect:", "");
    return &h->ops;
}
