// SPDX-License-Identifier: Apache-2.0
// Signing in and out, and the caller's own account. Passwords are checked by base/password.h between the two statements
// of a sign-in, so that no statement waits for a slow hash.
#ifndef STORE_AUTH_H
#define STORE_AUTH_H

#include "store/answer.h"

// After LOGIN_FAILURES_ACCOUNT failures within LOGIN_WINDOW_S a network may not try that account any more, and after
// LOGIN_FAILURES_ADDRESS no account at all. After LOGIN_FAILURES_EVERYWHERE failures within an hour, from wherever, an
// account can be tried once in LOGIN_SLOW_S: guessing from many networks is slow, and the owner is not locked out.
enum {
    LOGIN_WINDOW_S = 300,
    LOGIN_FAILURES_ACCOUNT = 10,
    LOGIN_FAILURES_ADDRESS = 200,
    LOGIN_FAILURES_EVERYWHERE = 100,
    LOGIN_SLOW_S = 10,
};

struct store_attempt {
    const char *email, *network;
    const char *user, *at; // of the account that was found
    const char *hash;      // that of the password, with which it was compared; NULL: another proof was given
    const char *replaced;  // or NULL: the secret of the sign-in that this one replaces in its browser
};

// Counts the attempt as a failure before anybody compares a password, so that attempts side by side are as many as one
// after the other. OK, or TOO_OFTEN, which is not counted.
MUST_USE struct store_answer store_auth_attempt(struct pg *pg, const struct store_attempt *attempt);

struct store_account {
    struct str user_id, password_hash; // absent if there is no such account
    int64_t wait_s;                    // after too many failures: until the next attempt is worth it
    struct str at;                     // when the attempt was counted
};
void store_auth_read(const struct store_answer *answer, struct store_account *account);

// After a right password: the attempt was no failure, and the sign-in `login` begins; `secret` is the cookie's. The one
// that it replaces ends with its event streams. STRANGER, and still a failure, if the account was deactivated or has
// another password by now. The body is "user" and "workspaces" without brackets.
MUST_USE struct store_answer store_auth_begin(struct pg *pg, const struct store_attempt *attempt, const char *login,
                                              const char *secret, const char *days);

// Ends the sign-in and the event streams it opened: SILENT, or STRANGER if there is none.
MUST_USE struct store_answer store_auth_end(struct pg *pg, const char *secret);

// For a sign-in whose cookie has its former name: OK with the seconds for which the sign-in goes on, if it began before
// the cookie was renamed (with the first migration of the present schema) and that is at most 30 days ago; otherwise
// NOT_FOUND.
MUST_USE enum store_outcome store_auth_exchange(struct pg *pg, const char *secret, int64_t *left_s);

// The body is "user" or "persona", and "workspaces".
MUST_USE struct store_answer store_auth_me(struct pg *pg, const struct caller *caller);

#endif
