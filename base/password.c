// SPDX-License-Identifier: Apache-2.0
#include "base/password.h"

#include <argon2.h>
#include <stdlib.h>
#include "base/id.h"

// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
enum { PASSES = 2, MEMORY_KIB = 19 * 1024, LANES = 1, SALT_BYTES = 16, HASH_BYTES = 32, ENCODED_MAX = 128 };

void password_hash(struct buf *encoded, struct str password)
{
    unsigned char salt[SALT_BYTES];
    char text[ENCODED_MAX];
    id_random(salt, sizeof salt);
    // The only causes left are a lack of memory and a mistake in the numbers above.
    if (argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.p, password.n, salt, sizeof salt, HASH_BYTES, text,
                              sizeof text) != ARGON2_OK)
        abort();
    buf_str(encoded, str_from(text));
}

bool password_verify(const char *encoded, struct str password)
{
    // Made up, with the numbers above so that verifying takes as long: the bytes behind the salt are the hash of no
    // password that anybody knows, and no match with it counts.
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBub2JvZHk$"
                                 "Qm9hQ2hvcm5zYmVuZGVyb2ZubzAxMjM0NTY3ODlhYmM";
    if (password.n > PASSWORD_MOST)
        return false;
    bool has_hash = encoded && *encoded;
    int matches = argon2id_verify(has_hash ? encoded : nobody, password.p, password.n);
    return has_hash && matches == ARGON2_OK;
}
