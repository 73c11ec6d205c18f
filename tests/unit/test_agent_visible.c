// SPDX-License-Identifier: Apache-2.0
// Text that a person is to judge: nothing in it is hidden, and nothing else is changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/visible.h"

static void check(const char *text, const char *expected)
{
    struct buf out = {0};
    visible_add(&out, str_from(text));
    assert_string_equal(buf_cstr(&out), expected);
    buf_fini(&out);
}

static void what_is_seen_stays(void **state)
{
    (void)state;
    check("", "");
    check("{\"path\": \"/srv/a b\"}", "{\"path\": \"/srv/a b\"}");
    check("Grüße, 東京, \xf0\x9f\x90\x98", "Grüße, 東京, \xf0\x9f\x90\x98");
}

static void what_is_hidden_is_written_out(void **state)
{
    (void)state;
    check("a\nb\x7f\xc2\x85", "a\\u{000a}b\\u{007f}\\u{0085}");
    check("\xe2\x80\xaetxt.exe\xe2\x80\xac", "\\u{202e}txt.exe\\u{202c}");
    check("one\xe2\x80\xa8two\xe2\x80\x8b", "one\\u{2028}two\\u{200b}");
    check("\xef\xbb\xbfx\xe2\x81\xa6", "\\u{feff}x\\u{2066}");
    check("\xf3\xa0\x81\xa1", "\\u{e0061}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen_stays),
        cmocka_unit_test(what_is_hidden_is_written_out),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
