// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

uint32_t hash_32_seeded(uint32_t seed, struct str bytes)
{
    uint32_t hash = seed ^ UINT32_C(2166136261);
    for (size_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * UINT32_C(16777619);
    return hash;
}

uint32_t hash_32(struct str bytes)
{
    return hash_32_seeded(0, bytes);
}

uint64_t hash_64_more(uint64_t hash, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * UINT64_C(1099511628211);
    return hash;
}

uint64_t hash_64(struct str bytes)
{
    return hash_64_more(HASH_64_BEGIN, bytes);
}
