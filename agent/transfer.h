// SPDX-License-Identifier: Apache-2.0
// transfer: one transfer of http.h: its options, the bytes that arrive, and the meaning of its end. Only http.c uses
// and drives it.
#ifndef AGENT_TRANSFER_H
#define AGENT_TRANSFER_H

#include <curl/curl.h>

#include "agent/http.h"

struct http_transfer {
    struct http *http;          // whose it is …
    struct http_transfer *next; // … and in its list
    CURL *easy;
    struct curl_slist *headers;
    int (*on_data)(void *arg, long status, const char *p, size_t n);
    void (*on_end)(void *arg, const struct http_reply *reply);
    int64_t (*patience_ms)(void *arg, int64_t now_ms); // NULL: stall_ms decides
    void *arg;
    struct http_reply *result; // of http_run(): filled instead of calling on_end
    bool *ended;
    size_t max_bytes;
    size_t received;
    int64_t stall_ms;     // 0: may be silent for ever
    int64_t last_byte_ms; // when; its begin, before any
    bool stopped, too_large, forbidden;
    char error[CURL_ERROR_SIZE];
};

// Makes a transfer that has not begun: the caller sets http, the list and the functions at the end.
struct http_transfer *transfer_new(const struct http_request *request);
// The transfer must have left the multi handle and the list.
void transfer_free(struct http_transfer *transfer);
// In how many ms it counts as stalled; 0 or less: it does.
int64_t transfer_patience_ms(const struct http_transfer *transfer, int64_t now_ms);
// Fills in the reply for curl's result, with everything that a caller may want to know. Free it with http_reply_fini().
void transfer_reply(const struct http_transfer *transfer, CURLcode code, struct http_reply *reply);

#endif
