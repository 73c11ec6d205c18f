// SPDX-License-Identifier: Apache-2.0
// A worker remembers for at most 5 s which caller may send text to which step, so that progress, which comes many times
// a second, does not touch the database (ARCHITECTURE.md, rule 5). The memory is bounded: a newer grant takes the place
// of an older one.
#ifndef CGI_TRACE_GRANTS_H
#define CGI_TRACE_GRANTS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct grant_key {
    struct str secret, workspace, session, step;
};

struct grant {
    bool is_open;
    int64_t start_seq;
};

// True, and *grant is filled, if it is known and not older than 5 s at `now_ns` (CLOCK_MONOTONIC).
bool trace_grants_find(const struct grant_key *key, int64_t now_ns, struct grant *grant);
void trace_grants_learn(const struct grant_key *key, int64_t now_ns, const struct grant *grant);

#endif
