// SPDX-License-Identifier: Apache-2.0
#include "store/pg_outage.h"

bool pg_outage_noticed(struct pg_outage *outage, int64_t now_ns)
{
    if (!outage->began_ns)
        outage->began_ns = now_ns;
    if (outage->is_muted)
        return false;
    if (outage->line_ns && now_ns - outage->line_ns < PG_OUTAGE_LINE_EVERY_S * INT64_C(1000000000))
        return false;
    outage->line_ns = now_ns;
    outage->is_open = true;
    return true;
}

bool pg_outage_ended(struct pg_outage *outage, int64_t now_ns, int64_t *lasted_ns)
{
    bool is_logged = outage->is_open;
    *lasted_ns = outage->began_ns ? now_ns - outage->began_ns : 0;
    outage->began_ns = 0;
    outage->is_open = false;
    return is_logged;
}
