// Signing in and out, and who somebody is. Passwords are checked by lib/password.h, between the two statements of a
// sign-in: no statement waits for a slow hash.
#ifndef LIB_STORE_AUTH_H
#define LIB_STORE_AUTH_H

#include "lib/answer.h"

// Failures within LOGIN_WINDOW_S after which an account is not tried again from an address, nor any from that address.
enum { LOGIN_WINDOW_S = 300, LOGIN_FAILURES_ACCOUNT = 10, LOGIN_FAILURES_ADDRESS = 200 };

// 200, or 429 after too many failures. Behind an answer's columns the account's user and password hash, both absent if
// there is no such account, and of a 429 the seconds until it is worth a try.
enum { LOGIN_USER = ANSWER_COLUMNS, LOGIN_HASH, LOGIN_WAIT };
MUST_USE struct answer store_auth_find(struct pg *pg, const char *email, const char *address);

// After a right password: the sign-in `login` begins, `secret` is the cookie's. The body is "user" and "workspaces"
// without brackets.
MUST_USE struct answer store_auth_begin(struct pg *pg, const char *user, const char *login, const char *secret,
                                        const char *days);
// After a wrong one: answers 401.
MUST_USE struct answer store_auth_failed(struct pg *pg, const char *email, const char *address);

// Ends the sign-in and the event streams it opened: 204, or 401 if there is none.
MUST_USE struct answer store_auth_end(struct pg *pg, const char *secret);

// The body is "user" or "persona", and "workspaces".
MUST_USE struct answer store_auth_me(struct pg *pg, const struct caller *caller);

#endif
