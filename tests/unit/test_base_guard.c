// SPDX-License-Identifier: Apache-2.0
// Which addresses a page may be read from.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/guard.h"

static bool is_public(const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
        return guard_address_is_public((const struct sockaddr *)&in, sizeof in);
    assert_int_equal(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
    return guard_address_is_public((const struct sockaddr *)&in6, sizeof in6);
}

static void private_addresses(void **state)
{
    static const char *const addresses[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.1.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "127.255.255.254",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        if (is_public(addresses[i]))
            fail_msg("%s is not public", addresses[i]);
}

static void public_addresses(void **state)
{
    static const char *const addresses[] = {
        "1.1.1.1",          "8.8.8.8",         "9.255.255.255",        "11.0.0.1",
        "100.63.255.255",   "100.128.0.1",     "126.255.255.255",      "128.0.0.1",
        "169.253.255.255",  "172.15.255.255",  "172.32.0.1",           "192.0.1.1",
        "192.167.1.1",      "192.169.0.1",     "198.17.255.255",       "198.20.0.1",
        "223.255.255.255",  "::ffff:8.8.8.8",  "2606:4700::1111",      "2a00:1450:4001::1",
        "64:ff9b::808:808", "2002:808:808::1", "2001:4860:4860::8888",
    };
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        if (!is_public(addresses[i]))
            fail_msg("%s is public", addresses[i]);
}

static void other_families(void **state)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    (void)state;
    assert_false(guard_address_is_public((const struct sockaddr *)&un, sizeof un));
    assert_false(guard_address_is_public((const struct sockaddr *)&in, sizeof in - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_addresses),
        cmocka_unit_test(public_addresses),
        cmocka_unit_test(other_families),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
