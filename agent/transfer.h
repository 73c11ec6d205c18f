/*
 * transfer: one transfer of http.h: its options, the bytes that come, and what its end means. Only http.c uses it, and
 * drives it.
 */
#ifndef AGENT_TRANSFER_H
#define AGENT_TRANSFER_H

#include <curl/curl.h>

#include "agent/http.h"

struct http_transfer {
    struct http *http;          /* whose it is … */
    struct http_transfer *next; /* … and in its list */
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

/* Not begun yet: http, list and the functions at the end are the caller's to set. */
struct http_transfer *transfer_new(const struct http_request *request);
/* It must have left the multi handle and the list. */
void transfer_free(struct http_transfer *transfer);
bool transfer_is_stalled(const struct http_transfer *transfer, int64_t now_ms);
/* What curl's result means, with everything a caller may want to know. Free with http_reply_fini(). */
void transfer_reply(const struct http_transfer *transfer, CURLcode code, struct http_reply *reply);

#endif
