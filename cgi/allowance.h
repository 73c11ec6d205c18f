// SPDX-License-Identifier: Apache-2.0
// What each call costs whom (cgi/budget.h says what they have): reads and all that people do are counted by requests,
// what programs write by the bytes and steps they send. Calls with AUTH_ALWAYS and without a credential cost nothing.
#ifndef CGI_ALLOWANCE_H
#define CGI_ALLOWANCE_H

#include "cgi/route.h"

// Called once, before the workers are forked: all programs of a machine share a page beside their sockets.
void allowance_init(void);

// 0, or the status of a problem: 429 with Retry-After.
MUST_USE int allowance_check(struct request *r, const struct route *route);

// Takes what the call has cost, once it is answered: r->body_bytes and r->steps.
void allowance_charge(const struct request *r, const struct route *route, int status);

#endif
