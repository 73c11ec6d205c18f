// SPDX-License-Identifier: Apache-2.0
#include "base/guard.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range4 {
    uint32_t base;
    int bits;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct range4 refused4[] = {
    {IP4(0, 0, 0, 0), 8},      {IP4(10, 0, 0, 0), 8},     {IP4(100, 64, 0, 0), 10}, {IP4(127, 0, 0, 0), 8},
    {IP4(169, 254, 0, 0), 16}, {IP4(172, 16, 0, 0), 12},  {IP4(192, 0, 0, 0), 24},  {IP4(192, 0, 2, 0), 24},
    {IP4(192, 88, 99, 0), 24}, {IP4(192, 168, 0, 0), 16}, {IP4(198, 18, 0, 0), 15}, {IP4(198, 51, 100, 0), 24},
    {IP4(203, 0, 113, 0), 24}, {IP4(224, 0, 0, 0), 3},
};

struct range6 {
    unsigned char base[8];
    int bits;
};

// These ranges lie inside 2000::/3; nothing outside of that is public.
static const struct range6 refused6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments, Teredo, benchmarking, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    {{0x3f, 0xff, 0x00, 0x00}, 20}, // documentation
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof refused4 / sizeof refused4[0]; i++)
        if ((address ^ refused4[i].base) >> (32 - refused4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t embedded4(const unsigned char *p)
{
    return IP4(p[0], p[1], p[2], p[3]);
}

static bool has_prefix(const unsigned char *address, const unsigned char *base, int bits)
{
    for (int i = 0; i < bits; i++)
        if (((address[i / 8] ^ base[i / 8]) & (0x80 >> (i % 8))) != 0)
            return false;
    return true;
}

static bool is_public6(const unsigned char *a)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    // An address that embeds an IPv4 address leads to it, so that one is judged.
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return is_public4(embedded4(a + 12));
    if (a[0] == 0x20 && a[1] == 0x02) // 6to4
        return is_public4(embedded4(a + 2));
    if ((a[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < sizeof refused6 / sizeof refused6[0]; i++)
        if (has_prefix(a, refused6[i].base, refused6[i].bits))
            return false;
    return true;
}

bool guard_address_is_public(const struct sockaddr *address, socklen_t len)
{
    struct sockaddr_in in;
    if (address->sa_family == AF_INET && len >= (socklen_t)sizeof in) {
        memcpy(&in, address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET6 && len >= (socklen_t)sizeof in6) {
        memcpy(&in6, address, sizeof in6);
        return is_public6(in6.sin6_addr.s6_addr);
    }
    return false;
}
