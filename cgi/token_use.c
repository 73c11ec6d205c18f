// SPDX-License-Identifier: Apache-2.0
#include "cgi/token_use.h"

#include "base/clock.h"
#include "base/hash.h"

enum { SLOTS = 4096, QUARTER_BITS = 28, US_OF_QUARTER = 15000000 };

// A slot is one word, so that of all workers one finds it old: the quarter of a minute, below what the hash of the
// secret has above. Two tokens with one slot are noted more often than need be.
static uint64_t *noted;

void token_use_init(void)
{
    noted = mem_shared(SLOTS * sizeof *noted);
}

bool token_use_is_due(const struct request *r, const struct route *route, int status)
{
    if (!r->is_program || !r->secret.p || !route || route->auth == AUTH_ANYONE || status >= 400)
        return false;
    uint64_t hash = hash_64(r->secret), quarter = (uint64_t)(clock_wall_us() / US_OF_QUARTER);
    uint64_t now = hash >> QUARTER_BITS << QUARTER_BITS | (quarter & ((UINT64_C(1) << QUARTER_BITS) - 1));
    uint64_t *slot = &noted[hash % SLOTS];
    uint64_t was = __atomic_load_n(slot, __ATOMIC_RELAXED);
    return was != now && __atomic_compare_exchange_n(slot, &was, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
