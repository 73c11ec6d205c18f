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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_url_has_the_last_word)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
