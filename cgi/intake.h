// From CGI variables to a request: method, path, query, credential, body. Everything that a stranger can send is
// bounded and checked here.
#ifndef CGI_INTAKE_H
#define CGI_INTAKE_H

#include "cgi/exchange.h"
#include "cgi/request.h"
#include "cgi/serve.h"

// Reads the head. 0, or the status of a problem it has written.
MUST_USE int intake_head(struct request *r, struct exchange *x);

// Reads and parses the body as the route wants it. 0, or the status of a problem it has written.
MUST_USE int intake_body(struct request *r, struct exchange *x, enum body_kind kind);

// Appends `text` without %XX (and with '+' as a space in a query). 0, or -1 if it is malformed, holds a NUL or is not
// UTF-8.
MUST_USE int intake_decode(struct buf *out, struct str text, bool is_query);

#endif
