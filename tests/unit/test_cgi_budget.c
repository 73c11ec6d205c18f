// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cgi.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cgi/budget.h"

enum { S = 1000000, START = 1000 * S };

static char path[] = "/tmp/agent-trace-budget-XXXXXX";

static struct budget *open_page(int64_t requests, int64_t steps, int64_t bytes)
{
    const int64_t per_second[] = {requests, steps, bytes};
    struct budget *budget = budget_open(path, per_second);
    assert_non_null(budget);
    return budget;
}

static int set_up(void **state)
{
    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void burst_then_refill(void **state)
{
    (void)state;
    struct budget *budget = open_page(2, 0, 0);
    struct str who = STR("one");
    assert_int_equal(budget_wait_s(budget, who, BUDGET_REQUESTS, START), 0);
    for (int i = 0; i < 2 * BUDGET_BURST_S; i++) {
        assert_int_equal(budget_wait_s(budget, who, BUDGET_REQUESTS, START), 0);
        budget_take(budget, who, BUDGET_REQUESTS, 1, START);
    }
    // Empty: the next may come, and leaves a debt of half a second.
    budget_take(budget, who, BUDGET_REQUESTS, 1, START);
    assert_int_equal(budget_wait_s(budget, who, BUDGET_REQUESTS, START), 1);
    assert_int_equal(budget_wait_s(budget, who, BUDGET_REQUESTS, START + S / 2), 0);
    // Others are not concerned, nor is what he asks for of another kind.
    assert_int_equal(budget_wait_s(budget, STR("two"), BUDGET_REQUESTS, START), 0);
    assert_int_equal(budget_wait_s(budget, who, BUDGET_STEPS, START), 0);
    // Time fills it, and no more than full.
    for (int i = 0; i < 2 * BUDGET_BURST_S + 1; i++)
        budget_take(budget, who, BUDGET_REQUESTS, 1, START + 5000 * (int64_t)S);
    assert_int_equal(budget_wait_s(budget, who, BUDGET_REQUESTS, START + 5000 * (int64_t)S), 1);
    budget_free(budget);
}

static void bounded_debt(void **state)
{
    (void)state;
    struct budget *budget = open_page(0, 10, 1000);
    budget_take(budget, STR("a"), BUDGET_BYTES, INT64_MAX, START);
    assert_int_equal(budget_wait_s(budget, STR("a"), BUDGET_BYTES, START), BUDGET_DEBT_S);
    // A clock that began anew with the machine does not shut anybody out for longer.
    assert_int_equal(budget_wait_s(budget, STR("a"), BUDGET_BYTES, 0), BUDGET_DEBT_S);
    budget_free(budget);
}

static void no_bound(void **state)
{
    (void)state;
    struct budget *budget = open_page(0, 0, 0);
    budget_take(budget, STR("a"), BUDGET_REQUESTS, INT64_MAX, START);
    assert_int_equal(budget_wait_s(budget, STR("a"), BUDGET_REQUESTS, START), 0);
    assert_int_equal(budget_wait_s(NULL, STR("a"), BUDGET_REQUESTS, START), 0);
    budget_take(NULL, STR("a"), BUDGET_REQUESTS, 1, START);
    budget_free(budget);
    budget_free(NULL);
}

static void shared_by_programs(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct budget *theirs = open_page(1, 1, 1);
        budget_take(theirs, STR("a"), BUDGET_STEPS, BUDGET_BURST_S + 30, START);
        budget_free(theirs);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct budget *budget = open_page(1, 1, 1);
    assert_int_equal(budget_wait_s(budget, STR("a"), BUDGET_STEPS, START), 30);
    budget_free(budget);
}

static void newcomers_take_the_idlest_place(void **state)
{
    (void)state;
    struct budget *budget = open_page(1, 1, 1);
    budget_take(budget, STR("busy"), BUDGET_REQUESTS, BUDGET_BURST_S + 30, START);
    for (int i = 0; i < 4096; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "other-%d", i);
        budget_take(budget, str_from(name), BUDGET_REQUESTS, 1, START);
    }
    assert_int_equal(budget_wait_s(budget, STR("busy"), BUDGET_REQUESTS, START), 30);
    budget_free(budget);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(burst_then_refill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounded_debt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shared_by_programs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newcomers_take_the_idlest_place, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("cgi budget", tests, NULL, NULL);
}
