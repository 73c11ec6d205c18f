// SPDX-License-Identifier: Apache-2.0
// From CGI variables to a request: method, path, query, credential, body. Everything that a stranger can send is
// bounded and checked here.
#ifndef CGI_INTAKE_H
#define CGI_INTAKE_H

#include "cgi/exchange.h"
#include "cgi/route.h"

// Reads the head. `is_tls`: how browsers reach us, which decides the name of the login cookie. 0, or the status of a
// problem it has written.
MUST_USE int intake_head(struct request *r, struct exchange *x, bool is_tls);

// Reads and parses the body as the route wants it. 0, or the status of a problem it has written.
MUST_USE int intake_body(struct request *r, struct exchange *x, enum body_kind kind);

// Appends `text` without %XX (and with '+' as a space in a query). 0, or -1 if it is malformed, holds a NUL or is not
// UTF-8.
MUST_USE int intake_decode(struct buf *out, struct str text, bool is_query);

#endif
