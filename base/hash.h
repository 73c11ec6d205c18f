// SPDX-License-Identifier: Apache-2.0
// FNV-1a, a hash for tables and for spreading work. It is neither cryptographic nor, without a secret seed, safe
// against keys that strangers choose; two keys with one hash must still be compared.
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/buf.h"

uint32_t hash_32(struct str bytes);
// Another seed gives other values; seed 0 gives those of hash_32().
uint32_t hash_32_seeded(uint32_t seed, struct str bytes);
uint64_t hash_64(struct str bytes);
// Goes on with further bytes: the hash of "ab" is that of "a", continued with "b". Begins with HASH_64_BEGIN.
uint64_t hash_64_more(uint64_t hash, struct str bytes);
#define HASH_64_BEGIN UINT64_C(14695981039346656037)

#endif
