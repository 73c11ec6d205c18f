// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/collector.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/utf8.h"

// A trace that is not sampled: of a server that is its own collector, each body would otherwise be one more span.
#define UNSAMPLED "traceparent: 00-00000000000000000000000000000001-0000000000000001-00"

enum { CONNECT_TIMEOUT_MS = 5000, TIMEOUT_MS = 10000, ERROR_BYTES = 256, ANSWER_BYTES_MAX = 16384 };

struct collector {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct buf answer; // its first bytes
    bool is_sending;
    char error[ERROR_BYTES];
    int64_t rejected;
};

static size_t take_answer(char *bytes, size_t size, size_t n, void *context)
{
    struct buf *answer = context;
    size_t room = ANSWER_BYTES_MAX - answer->n;
    buf_str(answer, (struct str){bytes, size * n < room ? size * n : room});
    return size * n;
}

static void add_line(struct collector *collector, const char *line)
{
    struct curl_slist *longer = curl_slist_append(collector->headers, line);
    if (!longer)
        abort();
    collector->headers = longer;
}

// NAME=VALUE, the value percent-encoded. One that would be more than a line is left out.
static void add_pair(struct collector *collector, struct str pair)
{
    struct buf line = {0};
    int n = 0;
    struct str name = str_cut(&pair, '=');
    char *value = pair.p ? curl_easy_unescape(collector->easy, pair.p, (int)pair.n, &n) : NULL;
    if (!value || !name.n || strlen(value) != (size_t)n || strpbrk(value, "\r\n")) {
        log_error("OTEL_EXPORTER_OTLP_HEADERS: a header without a name, a value, or on several lines is left out");
    } else {
        buf_str(&line, name);
        buf_printf(&line, ": %s", value);
        add_line(collector, buf_cstr(&line));
    }
    buf_fini(&line);
    curl_free(value);
}

static void add_headers(struct collector *collector, struct str pairs)
{
    add_line(collector, "Content-Type: application/json");
    add_line(collector, "Expect:");
    add_line(collector, UNSAMPLED);
    while (pairs.p) {
        struct str pair = str_cut(&pairs, ',');
        while (pair.n && *pair.p == ' ')
            pair = str_skip(pair, 1);
        if (pair.n)
            add_pair(collector, pair);
    }
}

struct collector *collector_new(const char *endpoint, const char *headers)
{
    struct collector *collector = mem_zero(sizeof *collector);
    struct buf url = {0};
    struct str base = str_from(endpoint);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    collector->multi = curl_multi_init();
    CURL *easy = collector->easy = curl_easy_init();
    if (!collector->multi || !easy)
        abort();
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    buf_str(&url, base);
    buf_lit(&url, "/v1/traces");
    add_headers(collector, str_from(headers));
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_URL, buf_cstr(&url));
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "agent-trace");
    failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, collector->headers);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, &collector->answer);
    if (failed != CURLE_OK)
        abort();
    buf_fini(&url);
    return collector;
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    if (collector->is_sending)
        (void)curl_multi_remove_handle(collector->multi, collector->easy);
    curl_easy_cleanup(collector->easy);
    curl_slist_free_all(collector->headers);
    (void)curl_multi_cleanup(collector->multi);
    buf_fini(&collector->answer);
    free(collector);
}

void collector_begin(struct collector *collector, struct str body)
{
    CURL *easy = collector->easy;
    buf_clear(&collector->answer);
    if (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.p) != CURLE_OK ||
        curl_multi_add_handle(collector->multi, easy) != CURLM_OK)
        abort();
    collector->is_sending = true;
}

static bool may_come_back(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

// The ExportTraceServiceResponse of a body that was taken. An int64 is a text in protobuf's JSON, but some write
// numbers.
static void read_answer(struct collector *collector)
{
    json_t *answer = json_loadb(collector->answer.p, collector->answer.n, 0, NULL);
    json_t *partial = json_object_get(answer, "partialSuccess");
    json_t *rejected = json_object_get(partial, "rejectedSpans");
    const char *why = json_string_value(json_object_get(partial, "errorMessage"));
    collector->rejected = json_integer_value(rejected);
    if (json_is_string(rejected) && str_to_i64(str_from(json_string_value(rejected)), &collector->rejected))
        collector->rejected = 0;
    struct str shown = utf8_prefix(str_from(why ? why : ""), sizeof collector->error - 1);
    (void)snprintf(collector->error, sizeof collector->error, "%.*s", (int)shown.n, shown.p);
    json_decref(answer);
}

static enum collector_outcome judge(struct collector *collector, CURLcode code)
{
    long status = 0;
    (void)curl_easy_getinfo(collector->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) {
        (void)snprintf(collector->error, sizeof collector->error, "%s", curl_easy_strerror(code));
        return COLLECTOR_AWAY;
    }
    if (status >= 200 && status < 300) {
        read_answer(collector);
        return COLLECTOR_TAKEN;
    }
    (void)snprintf(collector->error, sizeof collector->error, "it answers with status %ld", status);
    return may_come_back(status) ? COLLECTOR_AWAY : COLLECTOR_REFUSED;
}

enum collector_outcome collector_wait(struct collector *collector, int fd, int wait_ms)
{
    int running = 0, left;
    struct curl_waitfd also = {.fd = fd, .events = CURL_WAIT_POLLIN};
    if (curl_multi_perform(collector->multi, &running) != CURLM_OK)
        abort();
    if ((running || !collector->is_sending) &&
        (curl_multi_poll(collector->multi, &also, fd >= 0, wait_ms, NULL) != CURLM_OK ||
         curl_multi_perform(collector->multi, &running) != CURLM_OK))
        abort();
    for (CURLMsg *message; (message = curl_multi_info_read(collector->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        (void)curl_multi_remove_handle(collector->multi, collector->easy);
        collector->is_sending = false;
        return judge(collector, code);
    }
    return collector->is_sending ? COLLECTOR_BUSY : COLLECTOR_IDLE;
}

int64_t collector_rejected(const struct collector *collector)
{
    return collector->rejected;
}

const char *collector_error(const struct collector *collector)
{
    return collector->error;
}
