// SPDX-License-Identifier: Apache-2.0
// Passwords: argon2id (RFC 9106) in its encoded form. Each hash takes about 20 ms and 19 MiB, by design.
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include <stdbool.h>
#include "base/buf.h"

enum { PASSWORD_LEAST = 8, PASSWORD_MOST = 1024 }; // bytes

// Appends the encoded hash of `password` with a fresh salt.
void password_hash(struct buf *encoded, struct str password);

// True if `encoded` is a hash of `password`. With encoded == NULL (no such account) it is false and takes just as long,
// so that the time an answer takes does not reveal who has an account.
bool password_verify(const char *encoded, struct str password);

#endif
