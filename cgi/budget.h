// SPDX-License-Identifier: Apache-2.0
// How much a credential may ask for: token buckets that all programs of this machine share in one page. Each credential
// has a bucket of its own for requests, bytes and steps, which holds ten minutes' worth and refills all the time.
//
// What a call costs is known only when it has been answered, so a call is let in while the bucket holds anything, and
// pays afterwards; a large one may leave a debt, of at most a minute. Only credentials that were accepted are charged:
// invented ones would push the true ones out of the table.
#ifndef CGI_BUDGET_H
#define CGI_BUDGET_H

#include <stdint.h>
#include "base/buf.h"

enum budget_kind { BUDGET_REQUESTS, BUDGET_STEPS, BUDGET_BYTES, BUDGET__MAX };

enum { BUDGET_BURST_S = 600, BUDGET_DEBT_S = 60 };

struct budget;

// The page of that path, which is made if need be. `per_second` is how much each kind refills; a kind with 0 has no
// bound. NULL, and the log says why: the page cannot be mapped.
struct budget *budget_open(const char *path, const int64_t per_second[static BUDGET__MAX]);
void budget_free(struct budget *budget);

// 0: go on. Otherwise the seconds, rounded up, until the bucket holds something again. `now_us` is of CLOCK_MONOTONIC.
int64_t budget_wait_s(const struct budget *budget, struct str credential, enum budget_kind kind, int64_t now_us);

// Takes `n` out of the bucket.
void budget_take(struct budget *budget, struct str credential, enum budget_kind kind, int64_t n, int64_t now_us);

#endif
