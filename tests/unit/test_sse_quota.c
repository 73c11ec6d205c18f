// SPDX-License-Identifier: Apache-2.0
// Streams by person, token and network: each has a bound of its own, and what ends gives its place back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "sse/principals.h"
#include "sse/quota.h"

// Takes a place for a stream of these principals if there is one. Returns what quota_give() wants, or NULL.
static char *open_stream(struct quota *quota, const char *first, const char *second)
{
    struct subscription subscription = {.principals_n = second ? 2 : 1, .principals = {str_from(first)}};
    if (second)
        subscription.principals[1] = str_from(second);
    if (quota_is_full(quota, &subscription))
        return NULL;
    char *principals = principals_keep(&subscription);
    quota_take(quota, principals);
    return principals;
}

static void close_stream(struct quota *quota, char *principals)
{
    assert_non_null(principals);
    quota_give(quota, principals);
    free(principals);
}

static void a_person_has_so_many_over_all_sign_ins(void **state)
{
    (void)state;
    struct quota *quota = quota_new((struct quota_limits){2, 1, 100});
    char *one = open_stream(quota, "usr_ada", "lgn_1");
    char *two = open_stream(quota, "usr_ada", "lgn_2");
    assert_null(open_stream(quota, "usr_ada", "lgn_3"));
    char *other = open_stream(quota, "usr_bob", "lgn_4");
    close_stream(quota, one);
    one = open_stream(quota, "usr_ada", "lgn_3");
    assert_null(open_stream(quota, "lgn_5", "usr_ada"));
    close_stream(quota, one);
    close_stream(quota, two);
    close_stream(quota, other);
    assert_int_equal(quota_count(quota), 0);
    quota_free(quota);
}

static void a_share_takes_none_of_its_makers_places(void **state)
{
    (void)state;
    struct quota *quota = quota_new((struct quota_limits){1, 2, 100});
    char *own = open_stream(quota, "usr_ada", "lgn_1");
    char *first = open_stream(quota, "usr_ada", "shr_1");
    char *second = open_stream(quota, "usr_ada", "shr_1");
    assert_null(open_stream(quota, "usr_ada", "shr_1"));
    close_stream(quota, own);
    own = open_stream(quota, "usr_ada", "lgn_1");
    close_stream(quota, own);
    close_stream(quota, first);
    close_stream(quota, second);
    assert_int_equal(quota_count(quota), 0);
    quota_free(quota);
}

static void a_token_has_its_own_bound_and_a_persona_none(void **state)
{
    (void)state;
    struct quota *quota = quota_new((struct quota_limits){1, 3, 100});
    char *streams[3];
    for (size_t i = 0; i < 3; i++)
        streams[i] = open_stream(quota, "tok_1", "per_1");
    assert_null(open_stream(quota, "tok_1", "per_1"));
    char *same_persona = open_stream(quota, "tok_2", "per_1");
    for (size_t i = 0; i < 3; i++)
        close_stream(quota, streams[i]);
    close_stream(quota, same_persona);
    assert_int_equal(quota_count(quota), 0);
    quota_free(quota);
}

// Streams of one person each.
static char *open_from(struct quota *quota, const char *person, const char *address)
{
    struct subscription subscription = {
        .principals_n = 1, .principals = {str_from(person)}, .address = str_from(address)};
    if (quota_is_full(quota, &subscription))
        return NULL;
    char *principals = principals_keep(&subscription);
    quota_take(quota, principals);
    return principals;
}

static void a_network_has_so_many_over_all_its_people(void **state)
{
    (void)state;
    struct quota *quota = quota_new((struct quota_limits){100, 100, 2});
    static const struct {
        const char *name, *address;
        bool is_taken;
    } streams[] = {
        {"usr_a", "192.0.2.7", true},
        {"usr_b", "192.0.2.7", true},
        {"usr_c", "192.0.2.7", false},
        {"usr_c", "::ffff:192.0.2.7", false},
        {"usr_c", "192.0.2.8", true},
        {"usr_d", "2001:db8:1:2::7", true},
        {"usr_e", "2001:db8:1:2:3::9", true},
        {"usr_f", "2001:db8:1:2:ffff:ffff:ffff:ffff", false},
        {"usr_f", "2001:db8:1:3::7", true},
        {"usr_g", "unix:", true},
        {"usr_h", "unix:", true},
        {"usr_i", "unix:", true},
        {"usr_j", "", true},
        {"usr_k", "", true},
        {"usr_l", "", true},
    };
    enum { N = sizeof streams / sizeof streams[0] };
    char *taken[N];
    for (size_t i = 0; i < N; i++) {
        taken[i] = open_from(quota, streams[i].name, streams[i].address);
        assert_int_equal(taken[i] != NULL, streams[i].is_taken);
    }
    close_stream(quota, taken[0]);
    taken[0] = open_from(quota, "usr_c", "192.0.2.7");
    for (size_t i = 0; i < N; i++)
        if (taken[i])
            close_stream(quota, taken[i]);
    assert_int_equal(quota_count(quota), 0);
    quota_free(quota);
}

static void many_people_are_told_apart(void **state)
{
    (void)state;
    enum { PEOPLE = 20000 };
    struct quota *quota = quota_new((struct quota_limits){1, 1, 100});
    char **streams = mem_zero(PEOPLE * sizeof *streams);
    char id[32];
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(id, sizeof id, "usr_%d", i);
        streams[i] = open_stream(quota, id, NULL);
        assert_non_null(streams[i]);
        assert_null(open_stream(quota, id, NULL));
    }
    assert_int_equal(quota_count(quota), PEOPLE);
    // Every second one leaves; the others keep their places.
    for (int i = 0; i < PEOPLE; i += 2)
        close_stream(quota, streams[i]);
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(id, sizeof id, "usr_%d", i);
        char *again = open_stream(quota, id, NULL);
        assert_int_equal(again != NULL, i % 2 == 0);
        if (again)
            close_stream(quota, again);
    }
    assert_int_equal(quota_count(quota), PEOPLE / 2);
    for (int i = 1; i < PEOPLE; i += 2)
        close_stream(quota, streams[i]);
    free(streams);
    quota_free(quota);
    quota_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_so_many_over_all_sign_ins),
        cmocka_unit_test(a_share_takes_none_of_its_makers_places),
        cmocka_unit_test(a_token_has_its_own_bound_and_a_persona_none),
        cmocka_unit_test(a_network_has_so_many_over_all_its_people),
        cmocka_unit_test(many_people_are_told_apart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
