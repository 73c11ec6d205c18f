// SPDX-License-Identifier: Apache-2.0
#include "cgi/allowance.h"

#include "cgi/budget.h"
#include "cgi/metrics.h"
#include "cgi/problem.h"
#include "base/config.h"

static struct budget *budget;

void allowance_init(void)
{
    static const enum config_key keys[] = {
        [BUDGET_REQUESTS] = CONFIG_BUDGET_REQUESTS,
        [BUDGET_STEPS] = CONFIG_BUDGET_STEPS,
        [BUDGET_BYTES] = CONFIG_BUDGET_BYTES,
    };
    char path[UNIX_SOCKET_PATH_SIZE];
    int64_t per_second[BUDGET__MAX], any = 0;
    for (int kind = 0; kind < BUDGET__MAX; kind++)
        any |= per_second[kind] = config_number(keys[kind]);
    if (any)
        budget = budget_open(config_socket(path, "budget.page"), per_second);
}

// The kinds of which a call needs something, as bits.
static unsigned kinds_of(const struct request *r, const struct route *route)
{
    if (route->auth == AUTH_ALWAYS || route->auth == AUTH_ANYONE || !r->secret.p)
        return 0;
    bool is_read = route->auth == AUTH_READER || r->method == METHOD_GET || r->method == METHOD_HEAD;
    return is_read || !r->is_program ? 1U << BUDGET_REQUESTS : 1U << BUDGET_STEPS | 1U << BUDGET_BYTES;
}

int allowance_check(struct request *r, const struct route *route)
{
    unsigned kinds = kinds_of(r, route);
    for (int kind = 0; kind < BUDGET__MAX; kind++) {
        int64_t wait_s =
            kinds & 1U << kind ? budget_wait_s(budget, r->secret, (enum budget_kind)kind, r->received_ns / 1000) : 0;
        if (wait_s == 0)
            continue;
        request_header(r, "Retry-After", STR("1"));
        metrics_over_budget(kind);
        return problem(r, 429, "too_many_requests",
                       "More was asked for with this credential than it may at the moment. Go on more slowly.");
    }
    return 0;
}

void allowance_charge(const struct request *r, const struct route *route, int status)
{
    unsigned kinds = status == 401 || status == 429 ? 0 : kinds_of(r, route);
    const int64_t costs[] = {[BUDGET_REQUESTS] = 1, [BUDGET_STEPS] = r->steps, [BUDGET_BYTES] = r->body_bytes};
    for (int kind = 0; kind < BUDGET__MAX; kind++)
        if (kinds & 1U << kind)
            budget_take(budget, r->secret, (enum budget_kind)kind, costs[kind], r->received_ns / 1000);
}
