// SPDX-License-Identifier: Apache-2.0
// The sign-in that a request's cookie stands for, as far as the frame and the routes of signing in and out share it:
// setting and clearing the cookie, and exchanging a cookie with the former name for one with the present name.
#ifndef CGI_LOGIN_H
#define CGI_LOGIN_H

#include "cgi/request.h"
#include "store/auth.h"

// Whether browsers reach us over TLS, as TRACE_PUBLIC_URL says.
bool login_is_tls(void);

// The reply sets the cookie, and clears the old one if that is what the request came with.
void login_set(struct request *r, struct str secret, int64_t seconds);

// The reply clears both.
void login_clear(struct request *r);

// What hashes a password has come to a worker that must not take the time: nginx sends it there only when the queue of
// those that may is full. Writes the problem and returns its status.
int login_busy(struct request *r);

// The problem of a password where people sign in by the identity provider alone (TRACE_PASSWORDS).
int login_no_passwords(struct request *r);

// Begins the sign-in of attempt->user, who has been recognised, and replies with the person and their workspaces. The
// sign-in that the request came with ends.
int login_begin(struct request *r, const struct store_attempt *attempt);

// The reply of a JSON object around the members of the answer's body. Consumes the answer.
int login_reply(struct request *r, struct store_answer *take_answer);

// Called before the handler of a request with the old cookie runs. If its sign-in may be exchanged, *left_s says how
// long the sign-in goes on; otherwise the request has no credential any more. 0, or the status of a problem.
MUST_USE int login_check_old(struct request *r, int64_t *left_s);

// Called after the handler: the reply sets the present cookie, unless the handler has set or cleared one itself.
void login_exchange(struct request *r, int64_t left_s);

#endif
