// SPDX-License-Identifier: Apache-2.0
// Keys do not reach the trace, and everything else does, however the text is cut.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "agent/mask.h"
#include "base/buf.h"

struct sample {
    const char *text;
    const char *masked; // NULL: the same
};

static const struct sample samples[] = {
    {"", NULL},
    {"Nothing to hide here, in 42 words.", NULL},
    {"the key sk-proj-Zx81QmN4vTr6LwY2bKd9 was posted", "the key sk-p[masked] was posted"},
    {"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_[masked]"},
    {"(AKIAIOSFODNN7EXAMPLE)", "(AKIA[masked])"},
    {"atk_0123456789abcdef0123", "atk_[masked]"},
    {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N", "eyJh[masked]"},
    {"Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [masked]"},
    {"Bearer of bad news", NULL},
    {"the bearer introduced himself", NULL},
    {"password: hunter2!", "password: [masked]!"},
    {"PASSWORD=\"correct-horse\"", "PASSWORD=\"[masked]\""},
    {"DB_PASSWORD=abcdef1", "DB_PASSWORD=[masked]"},
    {"{\"api_key\": \"0f9e8d7c\"}", "{\"api_key\": \"[masked]\"}"},
    {"https://x.example/?token=abcdef123&a=b", "https://x.example/?token=[masked]&a=b"},
    {"the token is short", NULL},
    {"password reset was asked for", NULL},
    {"postgres://trace:s3cr3t@db.example:5432/x", "postgres://trace:[masked]@db.example:5432/x"},
    {"http://127.0.0.1:8080/path", NULL},
    {"mailto:ada@example.com", NULL},
    {"https://user@host/x", NULL},
    {"msg_01J8ZQ6Y3N5V7K2M4P6R8T0W1X and ses_01J8ZQ6Y3N5V7K2M4P6R8T0W1X", NULL},
    {"commit 3f786850e387550fdab836ed7e6dc881de23001b", NULL},
    {"/w/ws_01J8ZQ6Y3N5V7K2M4P6R8T0W1X/s/str_01J8ZQ6Y3N5V7K2M4P6R8T0W1X?m=msg_01J8ZQ6Y3N5V7K2M4P6R8T0W1X", NULL},
    {"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY9a8B7c", "wJal[masked]"},
    {"a-very-long-name-of-a-kebab-case-thing-that-is-no-secret-at-all", NULL},
    {"SomeVeryLongCamelCaseIdentifierNameWithoutAnyDigitsInItAtAll", NULL},
    {"世界 sk-abcdefghijklmnopqrstu 🧵", "世界 sk-a[masked] 🧵"},
};

static void whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char *masked = mask_string(samples[i].text);
        assert_string_equal(masked, samples[i].masked != NULL ? samples[i].masked : samples[i].text);
        free(masked);
    }
}

static void at_every_split(void **state)
{
    struct mask *mask = mask_new();
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const char *text = samples[i].text;
        size_t n = strlen(text);
        for (size_t at = 0; at <= n; at++) {
            struct buf out = {0};
            mask_feed(mask, text, at, &out);
            mask_feed(mask, text + at, n - at, &out);
            mask_finish(mask, &out);
            assert_string_equal(buf_cstr(&out), samples[i].masked != NULL ? samples[i].masked : text);
            buf_fini(&out);
        }
    }
    mask_free(mask);
}

// While a key that is found by its own look arrives, four of its characters are shown and no more.
static void nothing_leaks_before_the_end(void **state)
{
    static const char key[] = "sk-proj-Zx81QmN4vTr6LwY2bKd9";
    struct mask *mask = mask_new();
    struct buf out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof key - 1; i++) {
        mask_feed(mask, key + i, 1, &out);
        assert_true(out.n <= 4);
    }
    mask_finish(mask, &out);
    assert_string_equal(buf_cstr(&out), "sk-p[masked]");
    buf_fini(&out);
    mask_free(mask);
}

static void long_runs_are_bounded(void **state)
{
    struct mask *mask = mask_new();
    struct buf run = {0}, out = {0};
    (void)state;
    for (int i = 0; i < 20000; i++)
        buf_char(&run, 'a');
    mask_feed(mask, run.p, run.n, &out);
    assert_true(out.n > 10000);
    mask_finish(mask, &out);
    assert_string_equal(buf_cstr(&out), buf_cstr(&run));
    buf_clear(&out);
    buf_lit(&run, " x");
    memcpy(run.p, "sk-", 3);
    mask_feed(mask, run.p, run.n, &out);
    mask_finish(mask, &out);
    assert_string_equal(buf_cstr(&out), "sk-a[masked] x");
    buf_fini(&run);
    buf_fini(&out);
    mask_free(mask);
}

static void own_keys_are_masked_whatever_they_look_like(void **state)
{
    (void)state;
    mask_own("a/plain-key-of-ours=");
    mask_own("short");
    char *masked = mask_string("It is a/plain-key-of-ours=, in xplain-key-of-oursy, not plain-key or short.");
    assert_string_equal(masked, "It is a/plai[masked]=, in xpla[masked], not plain-key or short.");
    free(masked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(at_every_split),
        cmocka_unit_test(nothing_leaks_before_the_end),
        cmocka_unit_test(long_runs_are_bounded),
        cmocka_unit_test(own_keys_are_masked_whatever_they_look_like),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
