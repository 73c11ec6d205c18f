// Passwords: argon2id (RFC 9106) in its encoded form. Takes about 20 ms and 19 MiB each time, by design.
#ifndef LIB_PASSWORD_H
#define LIB_PASSWORD_H

#include <stdbool.h>
#include "lib/buf.h"

enum { PASSWORD_LEAST = 8, PASSWORD_MOST = 1024 }; // bytes

// Appends the encoded hash of `password` with a fresh salt.
void password_hash(struct buf *encoded, struct str password);

// True if `password` is the one of `encoded`. With encoded == NULL (no such account) it takes as long, and is false:
// how long an answer takes does not tell who has an account.
bool password_verify(const char *encoded, struct str password);

#endif
