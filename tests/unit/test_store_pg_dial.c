// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <poll.h>
#include <string.h>
#include "base/clock.h"
#include "store/pg_dial.h"

// Each of two servers has a text of its own, and the first one's is longer.
static void an_error_is_the_last_servers_alone(void **state)
{
    (void)state;
    struct pg_dial *dial =
        pg_dial_new("postgresql:///trace?host=/nowhere/with/a/name/that/is/longer,/nowhere", "test", "");
    pg_dial_start(dial, clock_mono_ns());
    while (pg_dial_step(dial, clock_mono_ns()) == PG_DIAL_WAITS)
        (void)poll(&(struct pollfd){pg_dial_fd(dial), pg_dial_events(dial), 0}, 1, 10);
    const char *error = pg_dial_error(dial);
    assert_non_null(strstr(error, "/nowhere/.s.PGSQL"));
    assert_non_null(strchr(error, '?'));
    assert_string_equal(strchr(error, '?'), "?\n");
    pg_dial_free(dial);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_error_is_the_last_servers_alone)};
    return cmocka_run_group_tests_name("store pg_dial", tests, NULL, NULL);
}
