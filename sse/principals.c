// SPDX-License-Identifier: Apache-2.0
#include "sse/principals.h"

#include "base/address.h"

void principals_network(struct buf *b, struct str address)
{
    size_t from = b->n;
    // nginx calls whoever comes by a Unix socket "unix:", which is no address.
    if (!address.n || str_starts(address, STR("unix:")))
        return;
    buf_lit(b, PRINCIPALS_NETWORK);
    address_network(b, address);
    if (b->n - from >= SUBSCRIPTION_PRINCIPAL_SIZE)
        b->n = from;
}

char *principals_keep(const struct subscription *subscription)
{
    struct buf b = {0};
    for (unsigned i = 0; i < subscription->principals_n; i++) {
        buf_str(&b, subscription->principals[i]);
        buf_char(&b, '\0');
    }
    size_t ids_n = b.n;
    principals_network(&b, subscription->address);
    if (b.n > ids_n)
        buf_char(&b, '\0');
    buf_char(&b, '\0');
    char *kept = mem_dup(buf_view(&b));
    buf_fini(&b);
    return kept;
}

bool principals_has(const char *principals, struct str principal)
{
    for (const char *at = principals; at && *at; at += strlen(at) + 1)
        if (str_eq(str_from(at), principal))
            return true;
    return false;
}
