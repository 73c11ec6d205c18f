// SPDX-License-Identifier: Apache-2.0
// The jail of the process that reads foreign pages: each way out kills it, and what its work needs does not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/charsets.h"
#include "agent/jail.h"

// Runs `act` in a jailed child; returns its status as waitpid() gives it.
static int jailed(void (*act)(void))
{
    int status;
    (void)fflush(stdout);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        charsets_open();
        if (jail_enter() != 0)
            _exit(2);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void open_file(void)
{
    (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void look_at_file(void)
{
    struct stat st;
    (void)stat("/etc/passwd", &st);
}

static void open_network_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void open_local_socket(void)
{
    (void)socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void start_program(void)
{
    char name[] = "/bin/true", *argv[] = {name, NULL};
    (void)execv(name, argv);
}

static void fork_itself(void)
{
    (void)fork();
}

static void signal_parent(void)
{
    (void)kill(getppid(), SIGTERM);
}

static void make_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void map_file(void)
{
    (void)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
}

static void every_way_out_kills(void **state)
{
    void (*const ways[])(void) = {open_file,   look_at_file,  open_network_socket, open_local_socket, start_program,
                                  fork_itself, signal_parent, make_code,           map_file};
    (void)state;
    if (JAIL_IS_OPEN)
        skip();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        int status = jailed(ways[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("way %zu: status %d", i, status);
    }
}

// Memory in small and large pieces, and a character set that the C library keeps in a file of its own.
static void work(void)
{
    char sjis[] = "\x83\x6a", utf8[8] = "", *from = sjis, *to = utf8;
    size_t left = 2, room = sizeof utf8;
    for (size_t n = 1; n < 64u << 20; n *= 4) {
        char *p = malloc(n);
        if (!p)
            _exit(3);
        memset(p, 1, n);
        p = realloc(p, n * 2);
        free(p);
    }
    if (iconv(charsets_find("shift_jis"), &from, &left, &to, &room) != 0 || strcmp(utf8, "\xE3\x83\x8B") != 0)
        _exit(4);
    exit(0); // not _exit(): what the library does at the end is allowed too
}

static void the_work_itself_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(jailed(work), 0);
}

static void charsets_by_their_labels(void **state)
{
    const char *labels[] = {"iso-8859-1", "latin1", "windows-1251",   "gb2312",
                            "big5",       "euc-jp", "ks_c_5601-1987", "koi8-u"};
    (void)state;
    charsets_open();
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        assert_ptr_not_equal(charsets_find(labels[i]), (iconv_t)-1);
    assert_ptr_equal(charsets_find("utf-8"), (iconv_t)-1);
    assert_ptr_equal(charsets_find("../../tmp/evil"), (iconv_t)-1);
    charsets_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_work_itself_is_allowed),
        cmocka_unit_test(charsets_by_their_labels),
        cmocka_unit_test(every_way_out_kills),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
