// The settings of a connection: ours first, so that the URL's have the last word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "lib/pg_options.h"

static void the_url_has_the_last_word(void **state)
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
        assert_string_equal(options, cases[i].options);
        free(options);
    }
}

static void sockets_and_addresses_are_not_looked_up(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name;
    } cases[] = {
        {"postgresql://trace_app@/trace", NULL},
        {"postgresql://trace_app@/trace?host=%2Ftmp", NULL},
        {"postgresql://127.0.0.1,[::1]:5433,localhost/trace", NULL},
        {"postgresql://db.example/trace?hostaddr=192.0.2.1", NULL},
        {"nonsense", NULL},
        {"postgresql://db.example:5433/trace", "db.example"},
        {"host=/tmp,db.example,other dbname=trace", "db.example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *name = pg_options_host_name(cases[i].url);
        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        else
            assert_null(name);
        free(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_url_has_the_last_word),
                                       cmocka_unit_test(sockets_and_addresses_are_not_looked_up)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
