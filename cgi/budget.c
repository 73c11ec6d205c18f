// SPDX-License-Identifier: Apache-2.0
#include "cgi/budget.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/log.h"

enum { SLOTS = 4096, PROBES = 8, US = 1000000 };

// A bucket is one time: when it will be full again (the generic cell rate algorithm, ITU-T I.371, annex A). A slot of
// nobody has the key 0.
struct slot {
    uint64_t key;
    int64_t full_us[BUDGET__MAX];
};

struct budget {
    struct slot *slots;
    int64_t per_second[BUDGET__MAX];
};

static int64_t load(const int64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

struct budget *budget_open(const char *path, const int64_t per_second[static BUDGET__MAX])
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct slot *slots = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, SLOTS * sizeof *slots) == 0)
        slots = mmap(NULL, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (slots == MAP_FAILED)
        log_error("cannot map %s, so nobody's calls are bounded: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    if (slots == MAP_FAILED)
        return NULL;
    struct budget *budget = mem_zero(sizeof *budget);
    budget->slots = slots;
    memcpy(budget->per_second, per_second, sizeof budget->per_second);
    return budget;
}

void budget_free(struct budget *budget)
{
    if (!budget)
        return;
    (void)munmap(budget->slots, SLOTS * sizeof *budget->slots);
    free(budget);
}

static uint64_t key_of(struct str credential)
{
    uint64_t key = hash_64(credential);
    return key ? key : 1;
}

static struct slot *find(const struct budget *budget, uint64_t key)
{
    for (uint64_t i = 0; i < PROBES; i++) {
        struct slot *slot = &budget->slots[(key + i) % SLOTS];
        if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == key)
            return slot;
    }
    return NULL;
}

static int64_t latest(const struct slot *slot)
{
    int64_t us = 0;
    for (int kind = 0; kind < BUDGET__MAX; kind++)
        us = load(&slot->full_us[kind]) > us ? load(&slot->full_us[kind]) : us;
    return us;
}

// The place of the one among them who has used least lately becomes the newcomer's. Of two that take it at once one
// starts with what the other has used.
static struct slot *claim(struct budget *budget, uint64_t key)
{
    struct slot *best = &budget->slots[key % SLOTS];
    for (uint64_t i = 1; i < PROBES; i++) {
        struct slot *slot = &budget->slots[(key + i) % SLOTS];
        if (latest(slot) < latest(best))
            best = slot;
    }
    for (int kind = 0; kind < BUDGET__MAX; kind++)
        __atomic_store_n(&best->full_us[kind], 0, __ATOMIC_RELAXED);
    __atomic_store_n(&best->key, key, __ATOMIC_RELEASE);
    return best;
}

int64_t budget_wait_s(const struct budget *budget, struct str credential, enum budget_kind kind, int64_t now_us)
{
    const struct slot *slot =
        budget && budget->per_second[kind] && credential.n ? find(budget, key_of(credential)) : NULL;
    if (!slot)
        return 0;
    int64_t most_us = now_us + (BUDGET_BURST_S + BUDGET_DEBT_S) * (int64_t)US, full_us = load(&slot->full_us[kind]);
    // Later than can be: the page is older than the machine's start, with which the clock began anew.
    if (full_us > most_us)
        full_us = most_us;
    int64_t over_us = full_us - now_us - BUDGET_BURST_S * (int64_t)US;
    return over_us > 0 ? (over_us + US - 1) / US : 0;
}

void budget_take(struct budget *budget, struct str credential, enum budget_kind kind, int64_t n, int64_t now_us)
{
    if (!budget || !budget->per_second[kind] || credential.n == 0 || n <= 0)
        return;
    uint64_t key = key_of(credential);
    struct slot *slot = find(budget, key);
    if (!slot)
        slot = claim(budget, key);
    int64_t most_us = now_us + (BUDGET_BURST_S + BUDGET_DEBT_S) * (int64_t)US;
    double us = (double)n * US / (double)budget->per_second[kind];
    int64_t was = load(&slot->full_us[kind]), next;
    do {
        double full = (double)(was > now_us ? was : now_us) + us;
        next = full < (double)most_us ? (int64_t)full : most_us;
    } while (!__atomic_compare_exchange_n(&slot->full_us[kind], &was, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}
