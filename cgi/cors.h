// SPDX-License-Identifier: Apache-2.0
// Pages of other origins that may read answers (Fetch standard, "CORS protocol"): those that the operator names in
// TRACE_CORS_ORIGINS, and only with a bearer token. No answer says that credentials are allowed, so that no browser
// shows such a page what a cookie opened; what a cookie may do from elsewhere is cgi/origin.h.
#ifndef CGI_CORS_H
#define CGI_CORS_H

#include "cgi/request.h"

// Whether `origin` is in the list, whose members are separated by commas. Pure.
bool cors_is_listed(struct str origin, struct str list);

// Adds the headers for a request from `origin` (absent: from no page), whose credential has been read. Without a list
// it adds nothing.
void cors_answer(struct request *r, struct str origin);
// Answers the question that browsers ask before a request, for a path that has the methods of `allow`: 204, or 0 if
// this is no such question from a page that may ask.
int cors_preflight(struct request *r, struct str asked_method, struct str allow);

#endif
