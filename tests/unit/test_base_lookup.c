// SPDX-License-Identifier: Apache-2.0
// Looking names up in a process of its own. Only names of this machine are used: there may be no name server.
#include "tests/unit/base.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include "base/lookup.h"

static bool has_children(void)
{
    return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

static int look_up(const char *name, struct buf *addresses)
{
    struct lookup lookup = {0};
    assert_int_equal(lookup_start(&lookup, name), 0);
    assert_int_equal(poll(&(struct pollfd){lookup.fd, POLLIN, 0}, 1, -1), 1);
    int n = lookup_take(&lookup, addresses);
    assert_int_equal(lookup.process, 0);
    return n;
}

static void a_name_has_addresses(void **state)
{
    (void)state;
    struct buf addresses = {0};
    int n = look_up("localhost", &addresses);
    assert_in_range(n, 1, LOOKUP_ADDRESSES_MAX);
    struct str rest = buf_view(&addresses);
    for (int i = 0; i < n; i++) {
        struct str address = str_cut(&rest, '\0');
        assert_true(str_eq(address, STR("127.0.0.1")) || str_eq(address, STR("::1")));
    }
    assert_int_equal(rest.n, 0);
    assert_false(has_children());
    buf_fini(&addresses);
}

static void what_is_no_name_has_none(void **state)
{
    (void)state;
    struct buf addresses = {0};
    assert_int_equal(look_up("no name at all", &addresses), 0);
    assert_int_equal(addresses.n, 0);
    assert_false(has_children());
}

static void an_unwanted_look_up_leaves_nothing_behind(void **state)
{
    (void)state;
    struct lookup lookup = {0};
    lookup_stop(&lookup);
    assert_int_equal(lookup_start(&lookup, "localhost"), 0);
    lookup_stop(&lookup);
    assert_int_equal(lookup.process, 0);
    assert_false(has_children());
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_addresses),
        cmocka_unit_test(what_is_no_name_has_none),
        cmocka_unit_test(an_unwanted_look_up_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("base lookup", tests, NULL, NULL);
}
