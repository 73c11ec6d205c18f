// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { NETWORK_BYTES = 8, MAPPED_BYTES = 12 };

static bool is_ipv6(struct str address, struct in6_addr *parsed)
{
    char text[INET6_ADDRSTRLEN];
    if (address.n >= sizeof text)
        return false;
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';
    return inet_pton(AF_INET6, text, parsed) == 1;
}

void address_network(struct buf *network, struct str address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    if (!address.n) {
        buf_char(network, '-');
    } else if (!is_ipv6(address, &parsed)) {
        buf_str(network, address);
    } else if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
        buf_str(network, str_from(inet_ntop(AF_INET, &parsed.s6_addr[MAPPED_BYTES], text, sizeof text)));
    } else {
        memset(&parsed.s6_addr[NETWORK_BYTES], 0, sizeof parsed - NETWORK_BYTES);
        buf_str(network, str_from(inet_ntop(AF_INET6, &parsed, text, sizeof text)));
        buf_lit(network, "/64");
    }
}
