// SPDX-License-Identifier: Apache-2.0
// The same-origin rule for unsafe requests that a cookie authorises, or that may set one: a page of another site must
// not act as the signed-in person. Source: Fetch standard, headers "Origin" and "Sec-Fetch-Site".
#ifndef CGI_ORIGIN_H
#define CGI_ORIGIN_H

#include <stdbool.h>
#include "base/buf.h"

// What a request says of where it comes from. Absent headers are STR_NONE.
struct origin_claim {
    struct str origin;
    struct str fetch_site; // sent by browsers to https and to localhost only
    struct str scheme;     // by which the request reached us
    struct str host;
    bool has_cookie;
};

// `public_url`: scheme and host that browsers see, or empty. If it is set the origin must be that one. Otherwise the
// browser's own word counts, and where it says nothing the origin must be the scheme and host of the request. A request
// without either header comes from a program, which no site can make act, but a cookie then proves nothing.
bool origin_is_ours(const struct origin_claim *claim, struct str public_url);

#endif
