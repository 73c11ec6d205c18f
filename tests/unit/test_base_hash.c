// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include "base/hash.h"

// The vectors are the algorithm's own: http://www.isthe.com/chongo/src/fnv/test_fnv.c.
static void agrees_with_the_published_vectors(void **state)
{
    (void)state;
    assert_int_equal(hash_32(STR("")), 0x811c9dc5);
    assert_int_equal(hash_32(STR("a")), 0xe40c292c);
    assert_int_equal(hash_32(STR("foobar")), 0xbf9cf968);
    assert_true(hash_64(STR("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_64(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_64(STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void bytes_are_unsigned_and_a_nul_counts(void **state)
{
    (void)state;
    assert_int_equal(hash_32(STR("\xff")), (0x811c9dc5u ^ 0xffu) * 16777619u);
    assert_int_not_equal(hash_32((struct str){"a\0", 2}), hash_32(STR("a")));
}

static void a_seed_changes_the_value_and_zero_does_not(void **state)
{
    (void)state;
    assert_int_equal(hash_32_seeded(0, STR("foobar")), hash_32(STR("foobar")));
    assert_int_not_equal(hash_32_seeded(1, STR("foobar")), hash_32(STR("foobar")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_published_vectors),
        cmocka_unit_test(bytes_are_unsigned_and_a_nul_counts),
        cmocka_unit_test(a_seed_changes_the_value_and_zero_does_not),
    };
    return cmocka_run_group_tests_name("base hash", tests, NULL, NULL);
}
