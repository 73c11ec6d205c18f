// SPDX-License-Identifier: Apache-2.0
// One HTTP request to an identity provider: bounded in time and in size, without redirects, and with the certificate
// checked. The only file that includes libcurl here.
#ifndef OIDC_FETCH_H
#define OIDC_FETCH_H

#include "base/buf.h"

struct oidc_request {
    const char *url;
    const char *form;   // the body of a POST; NULL: a GET
    const char *bearer; // or NULL
    const char *basic;  // "USER:PASSWORD", both encoded as a form (RFC 6749, 2.3.1), or NULL
};

// 0 and the body of an answer with the status 200; -1 for everything else, which is logged with the address and without
// what was sent. It takes until `deadline_ns` (CLOCK_MONOTONIC) at most. Not reached at all, or 5xx: *is_away.
MUST_USE int oidc_fetch(const struct oidc_request *request, int64_t deadline_ns, struct buf *body, bool *is_away);

// Appends `text` as a form has it (RFC 3986, 2.1).
void oidc_fetch_encode(struct buf *out, struct str text);

#endif
