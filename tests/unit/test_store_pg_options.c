// SPDX-License-Identifier: Apache-2.0
// The settings of a connection: ours come first, so that those of the URL win.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_options.h"

static void the_url_comes_after_ours_and_before_what_is_relied_on(void **state)
{
    (void)state;
    static const struct {
        const char *url, *options;
    } cases[] = {
        {"postgresql://owner@/trace", "-c a=1"},
        {"postgresql://owner@/trace?host=%2Ftmp&options=-c%20role%3Dtrace_app", "-c a=1 -c role=trace_app"},
        {"postgresql://h/db?options=-c%20search_path%3Dx%5C%20y&sslmode=prefer", "-c a=1 -c search_path=x\\ y"},
        {"dbname=trace options='-c b=2'", "-c a=1 -c b=2"},
        {"postgresql://h/db?options=", "-c a=1 "},
        {"postgresql://h/db?nonsense=1", "-c a=1"},
        {"", "-c a=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *options = pg_options(cases[i].url, "-c a=1");
        size_t n = strlen(cases[i].options);
        assert_memory_equal(options, cases[i].options, n);
        assert_string_equal(options + n, " " PG_OPTIONS_RELIED_ON);
        free(options);
    }
}

static void the_url_names_one_server_or_several(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int n, at;
        const char *name, *address, *port;
        bool is_looked_up;
    } cases[] = {
        {"postgresql://trace_app@/trace", 1, 0, NULL, NULL, NULL, false},
        {"nonsense", 1, 0, NULL, NULL, NULL, false},
        {"postgresql://trace_app@/trace?host=%2Ftmp", 1, 0, "/tmp", NULL, NULL, false},
        {"postgresql://127.0.0.1,[::1]:5433,localhost/trace", 3, 1, "::1", NULL, "5433", false},
        {"postgresql://127.0.0.1,[::1]:5433,localhost/trace", 3, 2, "localhost", NULL, NULL, false},
        {"postgresql://db.example/trace?hostaddr=192.0.2.1", 1, 0, "db.example", "192.0.2.1", NULL, false},
        {"postgresql://db.example:5433/trace", 1, 0, "db.example", NULL, "5433", true},
        {"host=/tmp,db.example,other port=5433 dbname=trace", 3, 2, "other", NULL, "5433", true},
        {"host=a,b hostaddr=,192.0.2.1 port=1,2 dbname=trace", 2, 0, "a", NULL, "1", true},
        {"host=a,b hostaddr=,192.0.2.1 port=1,2 dbname=trace", 2, 1, "b", "192.0.2.1", "2", false},
        {"hostaddr=192.0.2.1,192.0.2.2 dbname=trace", 2, 1, NULL, "192.0.2.2", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int n;
        struct pg_host *hosts = pg_options_hosts(cases[i].url, &n);
        assert_int_equal(n, cases[i].n);
        const struct pg_host *host = &hosts[cases[i].at];
        const char *const found[] = {host->name, host->address, host->port};
        const char *const wanted[] = {cases[i].name, cases[i].address, cases[i].port};
        for (int k = 0; k < 3; k++)
            assert_string_equal(found[k] ? found[k] : "none", wanted[k] ? wanted[k] : "none");
        assert_int_equal(host->is_looked_up, cases[i].is_looked_up);
        pg_options_free_hosts(hosts, n);
    }
}

static void only_one_of_several_that_takes_writes_may_be_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool finds_primary;
    } cases[] = {
        {"postgresql://a,b/trace?target_session_attrs=read-write", true},
        {"host=a,b dbname=trace target_session_attrs=primary", true},
        {"hostaddr=192.0.2.1,192.0.2.2 target_session_attrs=read-write", true},
        {"postgresql://a/trace?target_session_attrs=read-write", false},
        {"postgresql://a,b/trace?target_session_attrs=standby", false},
        {"postgresql://a,b/trace", false},
        {"nonsense", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(pg_options_finds_primary(cases[i].url), cases[i].finds_primary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_url_comes_after_ours_and_before_what_is_relied_on),
                                       cmocka_unit_test(the_url_names_one_server_or_several),
                                       cmocka_unit_test(only_one_of_several_that_takes_writes_may_be_replaced)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
