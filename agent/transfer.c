// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/guard.h"
#include "base/buf.h"

#define CONNECT_MS 5000L
#define DAY_MS 86400000

static size_t take_data(char *p, size_t size, size_t n, void *arg)
{
    struct http_transfer *t = arg;
    long status = 0;
    n *= size;
    t->received += n;
    t->last_byte_ms = clock_mono_ms();
    t->too_large = t->max_bytes > 0 && t->received > t->max_bytes;
    if (t->too_large)
        return 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->on_data && n > 0 && t->on_data(t->arg, status, p, n) != 0) {
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

// Only options that allocate memory can fail.
static void set_options(struct http_transfer *t, const struct http_request *request)
{
    CURL *easy = t->easy;
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "trace-agent/" PACKAGE_VERSION);
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // Otherwise a silent name server would be waited for, whatever the limits.
    failed |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->total_ms);
    failed |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    if (request->body) {
        failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        failed |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->method)
        failed |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->ca_file && *request->ca_file != '\0')
        failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    // Decodes whatever comes, without asking for it: a compressed stream would be held back by its compressor.
    if (request->decodes)
        failed |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "identity");
    if (request->only_public) {
        // A kept connection or a proxy would be used without asking for a socket.
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
    if (!longer)
        abort();
    t->headers = longer;
}

struct http_transfer *transfer_new(const struct http_request *request)
{
    struct http_transfer *t = mem_zero(sizeof *t);
    t->easy = curl_easy_init();
    if (!t->easy)
        abort();
    t->on_data = request->on_data;
    t->patience_ms = request->patience_ms;
    t->arg = request->arg;
    t->max_bytes = request->max_bytes;
    t->stall_ms = request->stall_s * 1000;
    t->last_byte_ms = clock_mono_ms();
    if (request->body)
        add_header(t, "Content-Type: application/json");
    add_header(t, "Expect:"); // no round trip before a body
    for (const char *const *h = request->headers; h && *h; h++)
        add_header(t, *h);
    set_options(t, request);
    return t;
}

void transfer_free(struct http_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

int64_t transfer_patience_ms(const struct http_transfer *transfer, int64_t now_ms)
{
    if (transfer->patience_ms)
        return transfer->patience_ms(transfer->arg, now_ms);
    return transfer->stall_ms > 0 ? transfer->last_byte_ms + transfer->stall_ms - now_ms : INT64_MAX;
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

bool http_header(const struct http_transfer *transfer, const char *name, char *value, size_t size)
{
    struct curl_header *header;
    *value = '\0';
    if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
        strlen(header->value) >= size)
        return false;
    memcpy(value, header->value, strlen(header->value) + 1);
    return true;
}

// A number in a header, with parts of one or without; 0 if it is none.
static double number_of(CURL *easy, const char *name)
{
    struct curl_header *header;
    char *end;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
        !isdigit((unsigned char)header->value[0]))
        return 0;
    double number = strtod(header->value, &end);
    return *end == '\0' ? number : 0;
}

// How long the server asks to be left alone: in milliseconds, as some model servers do, in seconds, or until a date
// (RFC 9110, section 10.2.3). 0 if it does not, or asks for more than a day.
static int64_t asked_ms(CURL *easy)
{
    curl_off_t until_date = 0;
    double ms = number_of(easy, "retry-after-ms");
    if (ms <= 0)
        ms = number_of(easy, "retry-after") * 1000;
    if (ms <= 0 && curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &until_date) == CURLE_OK)
        ms = (double)until_date * 1000;
    return ms > 0 && ms < DAY_MS ? (int64_t)ms : 0;
}

void transfer_reply(const struct http_transfer *transfer, CURLcode code, struct http_reply *reply)
{
    char *string = NULL;
    *reply = (struct http_reply){.end = classify(transfer, code)};
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &reply->status);
    reply->retry_after_ms = asked_ms(transfer->easy);
    if (curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &string) == CURLE_OK && string)
        (void)snprintf(reply->content_type, sizeof reply->content_type, "%s", string);
    string = NULL;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &string) == CURLE_OK && string)
        reply->redirect_url = mem_dup(str_from(string));
    if (reply->end != HTTP_DONE)
        (void)snprintf(reply->error, sizeof reply->error, "%s",
                       transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code));
}
