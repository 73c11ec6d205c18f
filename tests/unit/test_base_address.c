// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include "base/address.h"

static void networks(void **state)
{
    (void)state;
    static const struct {
        const char *address, *network;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"2001:db8::1", "2001:db8::/64"},
        {"::1", "::/64"},
        {"unix:", "unix:"},
        {"fe80::1%eth0", "fe80::1%eth0"},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
         "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"},
        {"", "-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf network = {0};
        address_network(&network, str_from(cases[i].address));
        assert_string_equal(buf_cstr(&network), cases[i].network);
        buf_fini(&network);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(networks)};
    return cmocka_run_group_tests_name("cgi address", tests, NULL, NULL);
}
