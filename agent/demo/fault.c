// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define COUNTED 256 // texts remembered; the oldest is forgotten

static const char *const names[FAULT__MAX] = {
    [FAULT_STALL] = "stall",         [FAULT_CUT] = "cut",           [FAULT_BUSY] = "429",    [FAULT_ERROR] = "500",
    [FAULT_MALFORMED] = "malformed", [FAULT_HUGE] = "huge",         [FAULT_EMPTY] = "empty", [FAULT_TOOLS] = "tools",
    [FAULT_BAD_TOOL] = "bad-tool",   [FAULT_BAD_ARGS] = "bad-args", [FAULT_SLOW] = "slow",   [FAULT_SECRET] = "secret",
};

// Returns how often this text was asked about before.
static long count(const char *question)
{
    static struct {
        uint64_t hash;
        long times;
    } seen[COUNTED];
    static size_t next;
    uint64_t h = hash_64(str_from(question));
    for (size_t i = 0; i < COUNTED; i++)
        if (seen[i].hash == h)
            return seen[i].times++;
    seen[next].hash = h;
    seen[next].times = 1;
    next = (next + 1) % COUNTED;
    return 0;
}

enum fault fault_of(const char *question)
{
    const char *mark = strstr(question, "[fault:");
    if (!mark)
        return FAULT_NONE;
    mark += 7;
    for (int i = 1; i < FAULT__MAX; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(mark, names[i], n) != 0 || (mark[n] != ']' && mark[n] != ':'))
            continue;
        if (mark[n] == ':' && count(question) >= strtol(mark + n + 1, NULL, 10))
            return FAULT_NONE;
        return (enum fault)i;
    }
    return FAULT_NONE;
}
