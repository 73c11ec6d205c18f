// SPDX-License-Identifier: Apache-2.0
// The cookie that holds a sign-in's secret (RFC 6265bis). Over TLS its name begins with __Host-, which browsers accept
// only from this host, with Secure and without a Domain: neither a sibling domain nor plain HTTP can plant one. Before
// that name there was another, which a browser may still send; whether its sign-in is old enough to be exchanged for
// the new name is asked of the store (store/auth.h).
#ifndef CGI_LOGIN_COOKIE_H
#define CGI_LOGIN_COOKIE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

// The value of the cookie of that name in a Cookie header; STR_NONE if there is none.
struct str login_cookie_find(struct str cookies, const char *name);

// The secret in a Cookie header; STR_NONE if there is none. *is_old: it came under the old name, which is looked at
// only where the new one is absent.
struct str login_cookie_read(struct str cookies, bool is_tls, bool *is_old);

// Appends the value of a Set-Cookie header: the secret for so many seconds.
void login_cookie_print(struct buf *out, struct str secret, int64_t seconds, bool is_tls);

// The same, for a browser that is to forget the cookie, under its present and under its old name.
void login_cookie_print_end(struct buf *out, bool is_tls);
void login_cookie_print_old_end(struct buf *out, bool is_tls);

#endif
