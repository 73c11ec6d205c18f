// SPDX-License-Identifier: Apache-2.0
#include "base/mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

void mac_compute(unsigned char mac[static MAC_BYTES], struct str key, struct str message)
{
    unsigned int n = 0;
    if (!HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)message.p, message.n, mac, &n) || n != MAC_BYTES)
        abort(); // out of memory
}

bool mac_is_equal(const unsigned char a[static MAC_BYTES], const unsigned char b[static MAC_BYTES])
{
    return CRYPTO_memcmp(a, b, MAC_BYTES) == 0;
}
