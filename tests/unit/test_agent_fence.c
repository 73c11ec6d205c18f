// SPDX-License-Identifier: Apache-2.0
// The fence of the programs of tool servers: what it refuses is refused in every spelling that the kernel takes, and
// what programs need works.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/mcp/fence.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

// The kernel takes arguments that are int from the lower half of a register.
#define IN_UPPER_HALF (UINT64_C(1) << 32)

static const uint64_t namespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                      CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

static int error_of(long result)
{
    return result < 0 ? errno : 0;
}

// A child of clone() with those flags ends at once.
static int clone_error(uint64_t flags)
{
    long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    int error = error_of(pid);
    if (pid > 0)
        (void)waitpid((pid_t)pid, NULL, 0);
    return error;
}

static void *nothing(void *arg)
{
    return arg;
}

// Behind the fence: the status is 0, or the number of what was not as it should be.
static int probe(void)
{
    pthread_t thread;
    int pair[2], status;
    if (error_of(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0)) != EACCES)
        return 1;
    if (error_of(syscall(SYS_socket, AF_UNIX | IN_UPPER_HALF, SOCK_STREAM, 0)) != EACCES)
        return 2;
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++)
        if (clone_error(namespaces[i]) != EPERM || clone_error(namespaces[i] | IN_UPPER_HALF) != EPERM)
            return 10 + (int)i;
    // Its flags stand in memory, where a filter cannot look: the C library asks clone() instead.
    if (error_of(syscall(SYS_clone3, NULL, 0)) != ENOSYS)
        return 3;
    if (error_of(unshare(CLONE_NEWUSER)) != EPERM)
        return 4;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return 5;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 6;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return 7;
    return 0;
}

static void what_is_refused_is_refused_in_every_spelling(void **state)
{
    char self[4096] = "", reads[sizeof self + 1] = "r", probing[] = "probe";
    (void)state;
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    memcpy(reads + 1, self, strlen(self) + 1);
    (void)fflush(stdout);
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(fence_become((char *const[]){reads, NULL}, (char *const[]){self, probing, NULL}));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "probe") == 0)
        _exit(probe());
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_refused_is_refused_in_every_spelling)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
