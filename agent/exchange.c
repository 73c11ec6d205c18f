// SPDX-License-Identifier: Apache-2.0
#include "agent/exchange.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"

#define EVENT_MAX_BYTES (1u << 20)
#define REPLY_MAX_BYTES (64u << 20)
#define REDIRECTS_MAX 3
#define DONE_MS 50         // for the connection to end by itself, so that it can be used again
#define FINISHED_MS 2000   // for the usage and the end to follow the reason for finishing
#define COMMENTS_MS 600000 // that a server may keep a call alive with comments

static void show(void *arg, bool is_thought, struct str text)
{
    const struct exchange *x = arg;
    x->sink->on_text(x->sink->arg, is_thought ? MODEL_REASONING : MODEL_CONTENT, text.p, text.n);
}

static void show_growth(struct exchange *x, size_t reasoning, size_t content, size_t refusal)
{
    const struct thinking_sink sink = {.on_text = show, .arg = x};
    if (x->reply->reasoning.n > reasoning)
        show(x, true, str_skip(buf_view(&x->reply->reasoning), reasoning));
    if (x->reply->content.n > content)
        thinking_feed(&x->thinking, str_skip(buf_view(&x->reply->content), content), &sink);
    if (x->reply->refusal.n > refusal)
        show(x, false, str_skip(buf_view(&x->reply->refusal), refusal));
}

static int take_event(void *arg, const char *name, struct str data)
{
    struct exchange *x = arg;
    size_t reasoning = x->reply->reasoning.n, content = x->reply->content.n, refusal = x->reply->refusal.n;
    size_t skipped = x->reply->skipped;
    enum reply_taken taken = reply_take(x->reply, name, data, &x->trouble);
    x->event_ms = clock_mono_ms();
    if (x->reply->reasoning.n > reasoning || x->reply->content.n > content || x->reply->refusal.n > refusal ||
        x->reply->calls.count > 0)
        x->content_ms = x->event_ms;
    if (x->reply->skipped > skipped)
        log_warning("an event of the model could not be read and was skipped bytes=%zu", data.n);
    show_growth(x, reasoning, content, refusal);
    if (taken != REPLY_TROUBLE && taken != REPLY_TOO_LARGE)
        return 0;
    x->taken = taken;
    return 1;
}

static int feed(struct exchange *x, struct str bytes)
{
    int result = events_feed(x->events, bytes);
    x->is_too_long = result == EVENTS_TOO_LONG;
    return result != 0;
}

// A stream begins with a field or a comment; JSON, a page or plain text is a whole reply, as is any refusal. Until that
// is clear, the bytes are kept.
static int take_data(void *arg, long status, const char *p, size_t n)
{
    struct exchange *x = arg;
    x->heard_ms = clock_mono_ms();
    if (x->has_begun && !x->is_whole)
        return feed(x, (struct str){p, n});
    if (x->whole.n + n > EVENT_MAX_BYTES)
        return 1;
    buf_bytes(&x->whole, p, n);
    if (x->has_begun)
        return 0;
    enum events_kind kind = status >= 200 && status < 300 ? events_kind(buf_view(&x->whole)) : EVENTS_NONE;
    x->has_begun = kind != EVENTS_UNDECIDED;
    x->is_whole = kind == EVENTS_NONE;
    if (kind != EVENTS_STREAM)
        return 0;
    struct buf kept = x->whole;
    x->whole = (struct buf){0};
    int result = feed(x, buf_view(&kept));
    buf_fini(&kept);
    return result;
}

static int64_t patience_ms(void *arg, int64_t now_ms)
{
    const struct exchange *x = arg;
    int64_t total = x->began_ms + x->config->total_s * 1000, until;
    if (x->reply->is_done)
        until = x->event_ms + DONE_MS;
    else if (reply_is_finished(x->reply))
        until = x->event_ms + FINISHED_MS;
    else if (x->content_ms > 0)
        until = x->content_ms + x->config->stall_s * 1000;
    else if (x->heard_ms > x->began_ms && now_ms - x->heard_ms < x->config->stall_s * 1000)
        until = x->began_ms + COMMENTS_MS;
    else
        until = x->began_ms + x->config->first_byte_s * 1000;
    return (until < total ? until : total) - now_ms;
}

void exchange_address(const char *url, const char *call, struct buf *address)
{
    static const char complete[] = "/chat/completions";
    struct str query = str_from(url + strcspn(url, "?"));
    struct str path = {url, strlen(url) - query.n};
    while (path.n > 0 && path.p[path.n - 1] == '/')
        path.n--;
    if (path.n >= sizeof complete - 1 &&
        memcmp(path.p + path.n - (sizeof complete - 1), complete, sizeof complete - 1) == 0)
        path.n -= sizeof complete - 1;
    buf_str(address, path);
    const char *host = strstr(url, "://");
    if (!host || !memchr(host + 3, '/', (size_t)(path.p + path.n - host - 3)))
        buf_lit(address, "/v1");
    buf_printf(address, "/%s", call);
    buf_str(address, query);
}

void exchange_headers(const char *headers, const char *key, struct buf *lines, const char *list[EXCHANGE_HEADERS])
{
    size_t n = 0;
    list[n++] = "Accept: text/event-stream, application/json";
    buf_str(lines, str_from(headers));
    buf_char(lines, '\n');
    if (key[0] != '\0')
        buf_printf(lines, "Authorization: Bearer %s\n", key);
    buf_char(lines, '\0');
    for (char *line = lines->p, *end; (end = strchr(line, '\n')) && n < EXCHANGE_HEADERS - 1; line = end + 1) {
        *end = '\0';
        line += strspn(line, " \t\r");
        line[strcspn(line, "\r")] = '\0';
        if (strchr(line, ':'))
            list[n++] = line;
    }
    list[n] = NULL;
}

static bool is_same(struct str a, struct str b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

// The scheme, and the host with its port unless that is the scheme's own. What stands before an @ is no host.
static void split_origin(const char *url, struct str *scheme, struct str *host)
{
    static const struct str usual[][2] = {{{"http", 4}, {":80", 3}}, {{"https", 5}, {":443", 4}}};
    const char *at = strstr(url, "://");
    *scheme = (struct str){url, at ? (size_t)(at - url) : 0};
    const char *authority = at ? at + 3 : url + strlen(url);
    *host = (struct str){authority, strcspn(authority, "/?#")};
    for (const char *sign; (sign = memchr(host->p, '@', host->n));)
        *host = str_skip(*host, (size_t)(sign + 1 - host->p));
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (is_same(*scheme, usual[i][0]) && host->n > usual[i][1].n &&
            memcmp(host->p + host->n - usual[i][1].n, usual[i][1].p, usual[i][1].n) == 0)
            host->n -= usual[i][1].n;
}

// Only to the configured host and port, or to its https where both have their usual ports: the request bears the key
// and what people said.
static bool may_follow(const char *from, const char *to)
{
    struct str scheme, host, next_scheme, next_host;
    split_origin(from, &scheme, &host);
    split_origin(to, &next_scheme, &next_host);
    bool is_upgrade =
        is_same(scheme, STR("http")) && is_same(next_scheme, STR("https")) && !memchr(host.p, ':', host.n);
    return host.n && (is_same(scheme, next_scheme) || is_upgrade) && is_same(host, next_host);
}

void exchange_run(struct exchange *x, struct http *http, struct http_reply *reply)
{
    const struct events_sink events = {.on_event = take_event, .arg = x};
    const char *headers[EXCHANGE_HEADERS];
    struct buf url = {0}, lines = {0};
    x->events = events_new(&events, EVENT_MAX_BYTES);
    char *printed = json_dumps(x->body, JSON_COMPACT);
    if (!printed)
        abort();
    exchange_address(x->config->url, "chat/completions", &url);
    exchange_headers(x->config->headers, x->config->key, &lines, headers);
    for (int hop = 0; hop <= REDIRECTS_MAX; hop++) {
        const struct http_request request = {.url = buf_cstr(&url),
                                             .headers = headers,
                                             .body = printed,
                                             .body_len = strlen(printed),
                                             .max_bytes = REPLY_MAX_BYTES,
                                             .ca_file = x->config->ca_file,
                                             .decodes = true,
                                             .on_data = take_data,
                                             .patience_ms = patience_ms,
                                             .arg = x};
        x->began_ms = clock_mono_ms();
        x->content_ms = 0;
        http_run(http, &request, reply);
        if ((reply->status != 307 && reply->status != 308) || !reply->redirect_url || hop == REDIRECTS_MAX ||
            !may_follow(x->config->url, reply->redirect_url))
            break;
        buf_clear(&url);
        buf_str(&url, str_from(reply->redirect_url));
        http_reply_fini(reply);
        buf_clear(&x->whole);
        x->has_begun = x->is_whole = false;
    }
    free(printed);
    buf_fini(&url);
    buf_fini(&lines);
}

void exchange_finish(struct exchange *x, const struct http_reply *reply)
{
    const struct thinking_sink sink = {.on_text = show, .arg = x};
    // A body as short as the beginning of a field. Blanks alone are a stream that was cut.
    if (!x->has_begun)
        for (size_t i = 0; i < x->whole.n && !x->is_whole; i++)
            x->is_whole = !isspace((unsigned char)x->whole.p[i]);
    if (x->is_whole && reply->end == HTTP_DONE) {
        x->taken = reply_take_whole(x->reply, buf_view(&x->whole), &x->trouble);
        show_growth(x, 0, 0, 0);
    } else if (!x->is_whole && x->taken == REPLY_TAKEN && reply->end == HTTP_DONE) {
        x->is_too_long |= events_finish(x->events) == EVENTS_TOO_LONG;
    }
    thinking_finish(&x->thinking, &sink);
}

void exchange_fini(struct exchange *x)
{
    events_free(x->events);
    buf_fini(&x->whole);
    buf_fini(&x->thinking.held);
}
