// SPDX-License-Identifier: Apache-2.0
// Sending deliveries of webhooks: several POSTs at once, each bounded in time. Redirects are not followed, and what a
// receiver answers besides its status is not kept. It knows neither the database nor signatures.
#ifndef ADMIN_COMMANDS_WEBHOOK_HTTP_H
#define ADMIN_COMMANDS_WEBHOOK_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum { WEBHOOK_HEADERS_MAX = 4, WEBHOOK_ERROR_SIZE = 256, WEBHOOK_TIMEOUT_MS = 10000 };

struct webhook_post {
    const char *url;
    const char *headers[WEBHOOK_HEADERS_MAX]; // "name: value"; NULL: no more
    const char *body;
    size_t body_n;
    long status;                    // of the answer; 0: there was none
    char error[WEBHOOK_ERROR_SIZE]; // why it is no success; empty: it is
};

// Once a process, before anything is sent.
void webhook_http_init(void);
// Sends them all and returns when each has been answered or given up, after WEBHOOK_TIMEOUT_MS at most. Addresses that
// are not public are refused unless `may_private`.
void webhook_http_send(struct webhook_post *posts, size_t n, bool may_private);

#endif
