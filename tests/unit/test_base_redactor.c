// SPDX-License-Identifier: Apache-2.0
// Redaction: what rules take out of texts and of JSON, and that no pattern makes it dear.
#include "base/redactor.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests/unit/base.h"

static struct redactor *rules_of(const char *const pairs[])
{
    struct redactor *rules = redactor_new();
    const char *why;
    for (int i = 0; pairs[i]; i += 2)
        assert_int_equal(redactor_add(rules, str_from(pairs[i]), str_from(pairs[i + 1]), &why), 0);
    return rules;
}

static const char *const usual[] = {
    "email", "[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+",   "card", "\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b",
    "key",   "(?s)-----BEGIN.*?-----END[^\\n]*", NULL,
};

static void check_text(const struct redactor *rules, const char *text, const char *left)
{
    struct buf out = {0};
    bool is_changed = redactor_text(rules, &out, str_from(text));
    assert_string_equal(buf_cstr(&out), left);
    assert_int_equal(is_changed, strcmp(text, left) != 0);
    buf_fini(&out);
}

static void takes_out_what_rules_name(void **state)
{
    (void)state;
    struct redactor *rules = rules_of(usual);
    static const char *const cases[][2] = {
        {"", ""},
        {"nothing here", "nothing here"},
        {"ada@example.com", "[redacted:email]"},
        {"to ada@example.com, card 4111 1111 1111 1111.", "to [redacted:email], card [redacted:card]."},
        {"4111-1111-1111-1111 4111111111111111", "[redacted:card] [redacted:card]"},
        {"41111111111111112", "41111111111111112"},
        {"a\n-----BEGIN X\nabc\n-----END X-----\nz", "a\n[redacted:key]\nz"},
        {"für änne@example.com", "für ä[redacted:email]"},
        // What was redacted before stays, and what only looks so does not.
        {"[redacted:email]", "[redacted:email]"},
        {"see [redacted:card] and [redacted:other] b@c.de",
         "see [redacted:card] and [redacted:other] [redacted:email]"},
        {"[redacted:4111111111111111]", "[redacted:[redacted:card]]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(rules, cases[i][0], cases[i][1]);
    redactor_free(rules);
}

static void no_rule_matches_what_another_left(void **state)
{
    (void)state;
    struct redactor *rules = rules_of((const char *const[]){"one", "[a-z]+", "two", "redacted|one", NULL});
    check_text(rules, "abc 12 def", "[redacted:one] 12 [redacted:one]");
    check_text(rules, "[redacted:one]", "[redacted:one]");
    redactor_free(rules);
    rules = rules_of((const char *const[]){"digit", "[0-9]", NULL});
    check_text(rules, "a123b4", "a[redacted:digit]b[redacted:digit]");
    redactor_free(rules);
}

static void refuses_what_is_no_pattern(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "(",  "[",  "a{1,2000}", "(a{999}){999}", "\\1",     "(a)\\1", "(?=a)", "(?<!a)", "*",    "a**b++",
        "\\", "x*", "",          "\\b",           "(?P<>a)", "\xff",   "a|",    "^",      "(?i)$"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct redactor *rules = redactor_new();
        const char *why = NULL;
        if (redactor_add(rules, STR("x"), str_from(bad[i]), &why) == 0)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_non_null(why);
        assert_true(redactor_is_empty(rules));
        redactor_free(rules);
    }
}

static void has_a_bounded_number_of_rules(void **state)
{
    (void)state;
    struct redactor *rules = redactor_new();
    const char *why;
    for (int i = 0; i < REDACTOR_RULES_MAX; i++)
        assert_int_equal(redactor_add(rules, STR("x"), STR("x"), &why), 0);
    assert_int_equal(redactor_add(rules, STR("x"), STR("x"), &why), -1);
    redactor_free(rules);
}

static void names_are_words(void **state)
{
    (void)state;
    assert_true(redactor_is_name(STR("e-mail2")));
    static const char *const bad[] = {"", "-a", "A", "a b", "a]", "a_b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(redactor_is_name(str_from(bad[i])));
}

// An expression for which backtracking takes longer than the universe is old, on a text of the largest size.
static void no_pattern_is_catastrophic(void **state)
{
    (void)state;
    enum { TEXT = 1 << 20 };
    struct redactor *rules =
        rules_of((const char *const[]){"evil", "(a+)+$|(a|aa)+b|(.*a){12}c", "worse", "a[^z]*z", NULL});
    struct buf text = {0}, out = {0};
    for (int i = 0; i < TEXT; i++)
        buf_char(&text, 'a');
    buf_char(&text, '!');
    int64_t began = clock_mono_ns();
    (void)redactor_text(rules, &out, buf_view(&text));
    assert_true(clock_mono_ns() - began < INT64_C(60000000000));
    buf_fini(&text);
    buf_fini(&out);
    redactor_free(rules);
}

static void a_text_does_not_grow_much(void **state)
{
    (void)state;
    enum { TEXT = 1 << 16 };
    struct redactor *rules = rules_of((const char *const[]){"digit", "[0-9]", NULL});
    struct buf text = {0}, out = {0};
    for (int i = 0; i < TEXT; i++)
        buf_char(&text, i % 2 ? 'x' : '1');
    assert_true(redactor_text(rules, &out, buf_view(&text)));
    assert_true(out.n <= text.n + 8192);
    assert_string_equal(buf_cstr(&out), "[redacted:digit]");
    buf_fini(&text);
    buf_fini(&out);
    redactor_free(rules);
}

static enum redactor_what what_of(struct str top, struct str key)
{
    if (str_eq(top, STR("id")) || str_eq(key, STR("when")))
        return REDACTOR_NOTHING;
    return str_eq(top, STR("content")) ? REDACTOR_ALL : REDACTOR_STRINGS;
}

static void goes_through_json(void **state)
{
    (void)state;
    struct redactor *rules = rules_of(usual);
    static const char *const cases[][2] = {
        {"{}", "{}"},
        {"{\"id\":\"a@b.de\",\"name\":\"a@b.de\"}", "{\"id\":\"a@b.de\",\"name\":\"[redacted:email]\"}"},
        // Numbers and keys of free values alone; what is not changed stays as it was written.
        {"{\"name\":4111111111111111, \"content\":{\"a@b.de\":1.50,\"n\":4111111111111111}}",
         "{\"name\":4111111111111111, \"content\":{\"[redacted:email]\":1.50,\"n\":\"[redacted:card]\"}}"},
        {"{\"content\":{\"a@b.de\":1,\"c@d.de\":[{\"e@f.de\":2}]}}",
         "{\"content\":{\"[redacted:email]\":1,\"[redacted:email] 2\":[{\"[redacted:email] 3\":2}]}}"},
        {"{\"content\":{\"when\":\"a@b.de\",\"l\":[\"a@b.de\",{\"when\":\"x\"},\"a@b.de\"]}}",
         "{\"content\":{\"when\":\"a@b.de\",\"l\":[\"[redacted:email]\",{\"when\":\"x\"},\"[redacted:email]\"]}}"},
        // Escapes hide nothing.
        {"{\"name\":\"a\\u0040b.de \\\"x\\\" \\ud83d\\ude00\"}",
         "{\"name\":\"[redacted:email] \\\"x\\\" \xf0\x9f\x98\x80\"}"},
        {"{\"name\":\"\\u00e4 \\u20ac\"}", "{\"name\":\"\\u00e4 \\u20ac\"}"},
        {"{\"name\":\"msg_01K0A0000000000000000000Q1\"}", "{\"name\":\"msg_01K0A0000000000000000000Q1\"}"},
        {"{\"s\":[{\"url\":\"https://x.de/?m=a@b.de\"}]}", "{\"s\":[{\"url\":\"https://x.de/?m=[redacted:email]\"}]}"},
        {"\"a@b.de\"", "\"[redacted:email]\""},
        // What is no JSON does no harm.
        {"{\"a", "{\"a"},
        {"]}{\"\\u12", "]}{\"\\u12"},
        {"\"\\", "\"\\"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        bool is_changed = redactor_json(rules, what_of, &out, str_from(cases[i][0]));
        assert_string_equal(buf_cstr(&out), cases[i][1]);
        assert_int_equal(is_changed, strcmp(cases[i][0], cases[i][1]) != 0);
        buf_fini(&out);
    }
    redactor_free(rules);
}

static void a_key_in_the_form_of_an_id_is_no_id(void **state)
{
    (void)state;
    struct redactor *rules = rules_of((const char *const[]){"key", "[a-z]+_[0-9A-Z]{26}", NULL});
    struct buf out = {0};
    assert_true(
        redactor_json(rules, what_of, &out,
                      STR("{\"a\":\"sk_01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"b\":\"ses_01ARZ3NDEKTSV4RRFFQ69G5FAV\"}")));
    assert_string_equal(buf_cstr(&out), "{\"a\":\"[redacted:key]\",\"b\":\"ses_01ARZ3NDEKTSV4RRFFQ69G5FAV\"}");
    buf_fini(&out);
    redactor_free(rules);
}

static void a_url_stays_one(void **state)
{
    (void)state;
    struct redactor *rules = rules_of((const char *const[]){"all", "(?s).+", NULL});
    struct buf out = {0};
    assert_true(
        redactor_json(rules, what_of, &out, STR("{\"s\":[{\"url\":\"https://x.de/\",\"title\":\"https://x.de/\"}]}")));
    assert_string_equal(buf_cstr(&out),
                        "{\"s\":[{\"url\":\"https://redacted.invalid/[redacted:all]\",\"title\":\"[redacted:all]\"}]}");
    buf_fini(&out);
    redactor_free(rules);
}

int main(void)
{
    log_init("test", LOG_ERROR);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_out_what_rules_name),
        cmocka_unit_test(no_rule_matches_what_another_left),
        cmocka_unit_test(refuses_what_is_no_pattern),
        cmocka_unit_test(has_a_bounded_number_of_rules),
        cmocka_unit_test(names_are_words),
        cmocka_unit_test(no_pattern_is_catastrophic),
        cmocka_unit_test(a_text_does_not_grow_much),
        cmocka_unit_test(goes_through_json),
        cmocka_unit_test(a_key_in_the_form_of_an_id_is_no_id),
        cmocka_unit_test(a_url_stays_one),
    };
    return cmocka_run_group_tests_name("base redactor", tests, NULL, NULL);
}
