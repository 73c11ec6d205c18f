#include "lib/password.h"

#include <argon2.h>
#include <stdlib.h>
#include "lib/id.h"

// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
enum { PASSES = 2, MEMORY_KIB = 19 * 1024, LANES = 1, SALT_BYTES = 16, HASH_BYTES = 32, ENCODED_MAX = 128 };

void password_hash(struct buf *encoded, struct str password)
{
    unsigned char salt[SALT_BYTES];
    char text[ENCODED_MAX];
    id_random(salt, sizeof salt);
    // What remains to fail is memory and a mistake in the numbers above.
    if (argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.p, password.n, salt, sizeof salt, HASH_BYTES, text,
                              sizeof text) != ARGON2_OK)
        abort();
    buf_str(encoded, str_from(text));
}

bool password_verify(const char *encoded, struct str password)
{
    // A hash of random bytes that nobody kept, with the same numbers.
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBub2JvZHk$"
                                 "Qm9hQ2hvcm5zYmVuZGVyb2ZubzAxMjM0NTY3ODlhYmM";
    if (password.n > PASSWORD_MOST)
        return false;
    int matches = argon2id_verify(encoded ? encoded : nobody, password.p, password.n);
    return encoded && matches == ARGON2_OK;
}
