// SPDX-License-Identifier: Apache-2.0
// A listener that runs out of descriptors: waiting clients are closed, and once even the spare descriptor is gone it
// says so until it has one again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/listener.h"

enum { WATCHED = 7 };

static char path[64];
static struct listener listener;
static int epoll;
static struct rlimit limit;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/test-listener-%d.sock", (int)getpid());
    epoll = epoll_create1(EPOLL_CLOEXEC);
    return getrlimit(RLIMIT_NOFILE, &limit) ||
           listener_open(&listener, epoll, WATCHED, SOCK_STREAM, UNIX_SOCKET_OWN, path);
}

static int tear_down(void **state)
{
    (void)state;
    listener_close(&listener);
    (void)close(epoll);
    return unlink(path);
}

// Whether the loop would be woken.
static bool is_ready(void)
{
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, 0) != 1)
        return false;
    const struct watch *watch = event.data.ptr;
    assert_int_equal(watch->kind, WATCHED);
    return true;
}

static int call(void)
{
    int fd = unix_socket_connect(path, SOCK_STREAM);
    assert_true(fd >= 0);
    return fd;
}

// No descriptor from `first` on can be had.
static void allow_below(int first)
{
    struct rlimit low = {(rlim_t)first, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
}

static void allow_all(void)
{
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void assert_hung_up(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
}

static void out_of_descriptors_a_caller_is_hung_up_on(void **state)
{
    (void)state;
    int caller = call();
    allow_below(listener.spare + 1);
    assert_int_equal(listener_accept(&listener), -1);
    allow_all();
    assert_false(listener.exhausted);
    assert_true(listener.spare >= 0);
    assert_hung_up(caller);
    (void)close(caller);
}

static void without_the_spare_it_is_exhausted_until_it_has_one(void **state)
{
    (void)state;
    int caller = call();
    allow_below(listener.spare);
    assert_true(is_ready());
    assert_int_equal(listener_accept(&listener), -1);
    assert_true(listener.exhausted);
    assert_false(is_ready());
    listener_recover(&listener);
    assert_false(is_ready());
    allow_all();
    listener_recover(&listener);
    assert_false(listener.exhausted);
    assert_true(is_ready());
    int accepted = listener_accept(&listener);
    assert_true(accepted >= 0);
    (void)close(accepted);
    (void)close(caller);
}

static void a_closed_listener_has_nothing_to_recover(void **state)
{
    (void)state;
    int caller = call();
    allow_below(listener.spare);
    assert_int_equal(listener_accept(&listener), -1);
    allow_all();
    listener_close(&listener);
    assert_false(listener.exhausted);
    (void)close(caller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(out_of_descriptors_a_caller_is_hung_up_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_the_spare_it_is_exhausted_until_it_has_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_listener_has_nothing_to_recover, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
