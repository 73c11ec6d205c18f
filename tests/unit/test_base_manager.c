// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/manager.h"

enum { SAID = 64 };

static int listener = -1;

// The manager's end, at an abstract address of this process.
static void listen_at(const char *watchdog_us, const char *watchdog_pid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char name[SAID];
    int n = snprintf(name, sizeof name, "@agent-trace-test-%d", (int)getpid());
    memcpy(address.sun_path, name, (size_t)n);
    address.sun_path[0] = '\0';
    if (listener >= 0)
        (void)close(listener);
    listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    assert_int_equal(watchdog_us ? setenv("WATCHDOG_USEC", watchdog_us, 1) : unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(watchdog_pid ? setenv("WATCHDOG_PID", watchdog_pid, 1) : unsetenv("WATCHDOG_PID"), 0);
}

static const char *heard(void)
{
    static char said[SAID];
    ssize_t n = recv(listener, said, sizeof said - 1, MSG_DONTWAIT);
    said[n > 0 ? n : 0] = '\0';
    return said;
}

static void says_what_it_is_asked_to_say(void **state)
{
    (void)state;
    listen_at(NULL, NULL);
    manager_ready();
    assert_string_equal(heard(), "READY=1");
    manager_alive();
    assert_string_equal(heard(), "");
    manager_stopping();
    assert_string_equal(heard(), "STOPPING=1");
}

static void is_alive_four_times_in_the_time_of_the_watchdog(void **state)
{
    (void)state;
    listen_at("80000", NULL);
    manager_ready();
    int64_t began_ns = clock_mono_ns();
    assert_string_equal(heard(), "READY=1");
    assert_int_equal(manager_pulse_ms(), 21);
    int said = 0;
    while (said < 3) {
        manager_alive();
        said += strcmp(heard(), "WATCHDOG=1") == 0;
    }
    assert_true(clock_mono_ns() - began_ns >= 3 * INT64_C(20000000) - 1000000);
}

static void a_watchdog_of_another_process_is_not_its_own(void **state)
{
    (void)state;
    listen_at("4", "1");
    manager_ready();
    assert_string_equal(heard(), "READY=1");
    manager_alive();
    assert_string_equal(heard(), "");
    assert_int_equal(manager_pulse_ms(), 3600000);
    char own[SAID];
    (void)snprintf(own, sizeof own, "%d", (int)getpid());
    listen_at("4", own);
    manager_ready();
    assert_string_equal(heard(), "READY=1");
    for (int64_t until_ns = clock_mono_ns() + 1000000; clock_mono_ns() < until_ns;)
        continue;
    manager_alive();
    assert_string_equal(heard(), "WATCHDOG=1");
}

static void without_a_manager_it_is_silent(void **state)
{
    (void)state;
    static const char *const addresses[] = {"", "@", "/", "relative", "vsock:2:1234"};
    listen_at("4", NULL);
    for (size_t i = 0; i < COUNT(addresses); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", addresses[i], 1), 0);
        manager_ready();
        manager_alive();
        manager_stopping();
        assert_int_equal(manager_pulse_ms(), 3600000);
    }
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    manager_ready();
    assert_string_equal(heard(), "");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_is_asked_to_say),
        cmocka_unit_test(is_alive_four_times_in_the_time_of_the_watchdog),
        cmocka_unit_test(a_watchdog_of_another_process_is_not_its_own),
        cmocka_unit_test(without_a_manager_it_is_silent),
    };
    return cmocka_run_group_tests_name("base manager", tests, NULL, NULL);
}
