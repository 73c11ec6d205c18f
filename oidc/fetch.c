// SPDX-License-Identifier: Apache-2.0
#include "oidc/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"

enum { CONNECT_MS = 2000, CALL_MS = 4000, BODY_MAX = 1 << 20 };

static size_t receive(char *data, size_t size, size_t n, void *context)
{
    struct buf *body = context;
    if (body->n + size * n > BODY_MAX)
        return 0;
    buf_bytes(body, data, size * n);
    return size * n;
}

static CURL *handle_of(void)
{
    static CURL *handle;
    if (!handle && (curl_global_init(CURL_GLOBAL_DEFAULT) || !(handle = curl_easy_init())))
        abort();
    // Connections and certificates that were read stay with the handle.
    curl_easy_reset(handle);
    return handle;
}

static long left_ms(int64_t deadline_ns)
{
    int64_t left = (deadline_ns - clock_mono_ns()) / 1000000;
    return left < 1 ? 1 : left > CALL_MS ? CALL_MS : (long)left;
}

int oidc_fetch(const struct oidc_request *request, int64_t deadline_ns, struct buf *body, bool *is_away)
{
    CURL *curl = handle_of();
    long status = 0, ms = left_ms(deadline_ns);
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    buf_clear(body);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "agent-trace");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request->form)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->form);
    if (request->basic)
        curl_easy_setopt(curl, CURLOPT_USERPWD, request->basic);
    if (request->bearer) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request->bearer);
    }
    CURLcode failed = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    *is_away = (failed && failed != CURLE_WRITE_ERROR) || status >= 500;
    if (!failed && status == 200)
        return 0;
    if (failed)
        log_warning("the identity provider at %s: %s", request->url, curl_easy_strerror(failed));
    else
        log_warning("the identity provider at %s answered %ld", request->url, status);
    return -1;
}

void oidc_fetch_encode(struct buf *out, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
        if (is_plain) {
            buf_char(out, (char)c);
            continue;
        }
        buf_char(out, '%');
        buf_char(out, digits[c >> 4]);
        buf_char(out, digits[c & 15]);
    }
}
