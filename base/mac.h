// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA-256 (RFC 2104, FIPS 180-4): tells whether bytes were written by somebody who has the key.
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include <stdbool.h>
#include "base/buf.h"

enum { MAC_BYTES = 32 };

void mac_compute(unsigned char mac[static MAC_BYTES], struct str key, struct str message);
// Takes the same time wherever the two differ.
bool mac_is_equal(const unsigned char a[static MAC_BYTES], const unsigned char b[static MAC_BYTES]);

#endif
