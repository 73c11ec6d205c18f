// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/unix_socket.h"

static char directory[32], path[64];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/test-socket-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    (void)snprintf(path, sizeof path, "%s/s", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static void assert_flags(int fd)
{
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void a_caller_reaches_a_listener(int type)
{
    int listener = unix_socket_listen(path, type, UNIX_SOCKET_GROUP, 4);
    int caller = unix_socket_connect(path, type);
    assert_flags(listener);
    assert_flags(caller);
    int accepted = accept(listener, NULL, NULL);
    assert_true(accepted >= 0);
    assert_int_equal(send(caller, "hi", 2, MSG_NOSIGNAL), 2);
    char bytes[4];
    assert_int_equal(recv(accepted, bytes, sizeof bytes, 0), 2);
    (void)close(accepted);
    (void)close(caller);
    (void)close(listener);
}

static void streams_and_packets_connect(void **state)
{
    (void)state;
    a_caller_reaches_a_listener(SOCK_STREAM);
    a_caller_reaches_a_listener(SOCK_SEQPACKET);
}

static void expect_mode(enum unix_socket_mode mode, mode_t mask)
{
    struct stat status;
    mode_t before = umask(mask);
    int listener = unix_socket_listen(path, SOCK_STREAM, mode, 4);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, mode);
    assert_int_equal(umask(before), mask);
    (void)close(listener);
}

static void the_mode_is_as_asked_whatever_the_umask_which_stays(void **state)
{
    (void)state;
    const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        expect_mode(UNIX_SOCKET_OWN, masks[i]);
        expect_mode(UNIX_SOCKET_GROUP, masks[i]);
    }
}

static void what_a_dead_process_left_is_replaced(void **state)
{
    (void)state;
    int dead = unix_socket_listen(path, SOCK_STREAM, UNIX_SOCKET_GROUP, 4);
    (void)close(dead);
    errno = 0;
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -1);
    assert_int_equal(errno, ECONNREFUSED);
    int listener = unix_socket_listen(path, SOCK_STREAM, UNIX_SOCKET_GROUP, 4);
    int caller = unix_socket_connect(path, SOCK_STREAM);
    assert_true(listener >= 0 && caller >= 0);
    (void)close(caller);
    (void)close(listener);
}

static void a_failure_says_why_and_leaves_no_descriptor(void **state)
{
    (void)state;
    int free_before = open("/dev/null", O_RDONLY);
    (void)close(free_before);
    assert_int_equal(unix_socket_connect(path, SOCK_STREAM), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(unix_socket_listen("/nowhere/at/all", SOCK_STREAM, UNIX_SOCKET_GROUP, 4), -1);
    assert_int_equal(errno, ENOENT);
    int free_after = open("/dev/null", O_RDONLY);
    (void)close(free_after);
    assert_int_equal(free_after, free_before);
}

// The longest path is 107 bytes; one more would have been cut in silence.
static void a_path_is_taken_whole_or_refused(void **state)
{
    (void)state;
    char longest[UNIX_SOCKET_PATH_SIZE + 1];
    memset(longest, 'x', sizeof longest);
    size_t n = (size_t)snprintf(longest, sizeof longest, "%s/", directory);
    longest[n] = 'x';
    longest[UNIX_SOCKET_PATH_SIZE - 1] = '\0';
    int listener = unix_socket_listen(longest, SOCK_STREAM, UNIX_SOCKET_GROUP, 4);
    assert_true(listener >= 0);
    assert_int_equal(unlink(longest), 0);
    (void)close(listener);
    longest[UNIX_SOCKET_PATH_SIZE - 1] = 'x';
    longest[UNIX_SOCKET_PATH_SIZE] = '\0';
    assert_int_equal(unix_socket_listen(longest, SOCK_STREAM, UNIX_SOCKET_GROUP, 4), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    errno = 0;
    assert_int_equal(unix_socket_connect(longest, SOCK_STREAM), -1);
    assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(streams_and_packets_connect, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mode_is_as_asked_whatever_the_umask_which_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_dead_process_left_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_says_why_and_leaves_no_descriptor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_is_taken_whole_or_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("base unix_socket", tests, NULL, NULL);
}
