// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/webhook_http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/guard.h"
#include "base/buf.h"

enum { CONNECT_TIMEOUT_MS = 5000, ANSWER_BYTES = 64 * 1024, POLL_MS = 1000 };

struct sending {
    struct webhook_post *post;
    CURL *easy;
    struct curl_slist *headers;
    size_t answered; // bytes
    bool is_refused;
};

// What is connected to is what was checked: the address itself, after the name was resolved.
static curl_socket_t open_public(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sending *sending = context;
    (void)purpose;
    if (!guard_address_is_public(&address->addr, address->addrlen)) {
        sending->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t drop(char *bytes, size_t size, size_t n, void *context)
{
    struct sending *sending = context;
    (void)bytes;
    sending->answered += size * n;
    return sending->answered > ANSWER_BYTES ? 0 : size * n;
}

static void add_header(struct sending *sending, const char *line)
{
    struct curl_slist *longer = curl_slist_append(sending->headers, line);
    if (!longer)
        abort();
    sending->headers = longer;
}

static void begin(struct sending *sending, struct webhook_post *post, bool may_private)
{
    *sending = (struct sending){.post = post, .easy = curl_easy_init()};
    if (!sending->easy)
        abort();
    CURL *easy = sending->easy;
    post->status = 0;
    post->error[0] = '\0';
    add_header(sending, "Content-Type: application/json");
    add_header(sending, "Expect:");
    for (size_t i = 0; i < WEBHOOK_HEADERS_MAX && post->headers[i]; i++)
        add_header(sending, post->headers[i]);
    CURLcode failed = CURLE_OK;
    failed |= curl_easy_setopt(easy, CURLOPT_URL, post->url);
    failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "agent-trace");
    failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)WEBHOOK_TIMEOUT_MS);
    failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, sending->headers);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_n);
    failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post->body);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, sending);
    failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, sending);
    if (!may_private) {
        failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_public);
        failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sending);
    }
    if (failed != CURLE_OK)
        abort();
}

// An answer counts by its status, however its body ended.
static void end(struct sending *sending, CURLcode code)
{
    struct webhook_post *post = sending->post;
    (void)curl_easy_getinfo(sending->easy, CURLINFO_RESPONSE_CODE, &post->status);
    if (code == CURLE_OPERATION_TIMEDOUT)
        post->status = 0;
    if (sending->is_refused)
        (void)snprintf(post->error, sizeof post->error, "its address is not a public one");
    else if (post->status == 0)
        (void)snprintf(post->error, sizeof post->error, "%s", curl_easy_strerror(code));
    else if (post->status < 200 || post->status > 299)
        (void)snprintf(post->error, sizeof post->error, "answered with status %ld", post->status);
}

void webhook_http_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

void webhook_http_send(struct webhook_post *posts, size_t n, bool may_private)
{
    CURLM *multi = curl_multi_init();
    struct sending *all = mem_alloc(n * sizeof *all);
    if (!multi)
        abort();
    for (size_t i = 0; i < n; i++) {
        begin(&all[i], &posts[i], may_private);
        if (curl_multi_add_handle(multi, all[i].easy) != CURLM_OK)
            abort();
    }
    for (int running = 1; running;) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            abort();
        int left;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            struct sending *sending = NULL;
            if (message->msg != CURLMSG_DONE)
                continue;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&sending);
            end(sending, message->data.result);
        }
        if (running && curl_multi_poll(multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
            abort();
    }
    for (size_t i = 0; i < n; i++) {
        (void)curl_multi_remove_handle(multi, all[i].easy);
        curl_easy_cleanup(all[i].easy);
        curl_slist_free_all(all[i].headers);
    }
    (void)curl_multi_cleanup(multi);
    free(all);
}
