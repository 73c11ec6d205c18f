// SPDX-License-Identifier: Apache-2.0
// The two small clients for neighbouring programs, against a neighbour that answers as the test says.
#include "tests/unit/cgi.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cgi/fcgi_ask.h"
#include "cgi/local.h"
#include "cgi/local_http.h"
#include "base/clock.h"

static char directory[] = "/tmp/agent-trace-unit-XXXXXX";
static char path[64];

enum { PATIENCE_MS = 10000 };

// A child that takes one connection, writes `answer`, and closes; if it says it late, then only once whoever asked
// should have left long ago.
static pid_t listen_and_answer(struct str answer, bool is_late)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    pid_t child = fork();
    if (child == 0) {
        char request[4096];
        int fd = accept(listener, NULL, NULL);
        bool is_asked = recv(fd, request, sizeof request, 0) > 0;
        struct pollfd left = {.fd = fd, .events = POLLIN};
        if (is_asked && (!is_late || poll(&left, 1, PATIENCE_MS) == 0))
            (void)!write(fd, answer.p, answer.n);
        // Unread bytes would turn the close into a reset.
        (void)shutdown(fd, SHUT_WR);
        while (recv(fd, request, sizeof request, 0) > 0)
            ;
        _exit(0);
    }
    (void)close(listener);
    return child;
}

static pid_t listen_and_say(struct str answer)
{
    return listen_and_answer(answer, false);
}

static void finish(pid_t child)
{
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

static int64_t in_ms(int64_t ms)
{
    return clock_mono_ns() + ms * 1000000;
}

static void http_check(struct str answer, int status, const char *expected)
{
    struct buf body = {0};
    pid_t child = listen_and_say(answer);
    assert_int_equal(local_http_get(path, STR("/x"), in_ms(60000), &body), status);
    assert_string_equal(buf_cstr(&body), expected);
    finish(child);
    buf_fini(&body);
}

static void http_takes_whole_answers_only(void **state)
{
    (void)state;
    http_check(STR("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello"), 200, "hello");
    http_check(STR("HTTP/1.0 503 Away\r\n\r\n"), 503, "");
    http_check(STR("HTTP/1.1 200 OK\r\nA: b\r\n"), -1, "");
    http_check(STR("SMTP 200 OK\r\n\r\n"), -1, "");
    http_check(STR("HTTP/1.1 2x0\r\n\r\n"), -1, "");
    http_check(STR("\r\n\r\n"), -1, "");
    http_check(STR(""), -1, "");
}

// FastCGI records: type, content length, padding.
#define RECORD(type, length, padding) "\1" type "\0\1\0" length padding "\0"

#define HEAD RECORD("\6", "\20", "\0") "Status: 200 OK\r\n"
#define PADDED RECORD("\6", "\4", "\2") "\r\nheXX"
#define REST RECORD("\6", "\3", "\0") "llo"
#define END RECORD("\3", "\10", "\0") "\0\0\0\0\0\0\0\0"

static void fcgi_check(struct str answer, int status, const char *expected)
{
    struct buf body = {0};
    pid_t child = listen_and_say(answer);
    assert_int_equal(fcgi_ask(path, "/metrics", in_ms(60000), &body), status);
    assert_string_equal(buf_cstr(&body), expected);
    finish(child);
    buf_fini(&body);
}

static void fcgi_joins_records(void **state)
{
    (void)state;
    fcgi_check(STR(HEAD PADDED REST END), 200, "hello");
    fcgi_check(STR(HEAD), -1, "");
    fcgi_check(STR(RECORD("\6", "\20", "\0") "Stat"), -1, "");
    fcgi_check(STR(RECORD("\6", "\4", "\0") "\r\n\r\n" RECORD("\3", "\0", "\0")), -1, "");
    fcgi_check(STR("\1"), -1, "");
}

static void does_not_wait_for_ever(void **state)
{
    (void)state;
    struct buf body = {0};
    // An answer would come to whoever waits any longer than they may.
    pid_t child = listen_and_answer(STR("HTTP/1.1 200 OK\r\n\r\nlate"), true);
    assert_int_equal(local_http_get(path, STR("/x"), in_ms(30), &body), -1);
    finish(child);
    child = listen_and_answer(STR(HEAD PADDED REST END), true);
    assert_int_equal(fcgi_ask(path, "/x", in_ms(30), &body), -1);
    finish(child);
    (void)unlink(path);
    assert_int_equal(local_http_get(path, STR("/x"), in_ms(30), &body), -1);
    assert_int_equal(fcgi_ask(path, "/x", in_ms(30), &body), -1);
    assert_int_equal(
        local_connect("/a-path-that-is-longer-than-any-unix-socket-may-be/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                      "aaaaaaaaaaaaaaaaaaaa",
                      in_ms(30)),
        -1);
    assert_int_equal(body.n, 0);
}

// The neighbour sees the end of what was sent, not a reset, although its answer was not read.
static void closes_without_a_reset(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    pid_t child = fork();
    if (child == 0) {
        char request[16];
        size_t n = 0;
        int fd = accept(listener, NULL, NULL);
        (void)!write(fd, "unread", 6);
        ssize_t got;
        while ((got = recv(fd, request, sizeof request, 0)) > 0)
            n += (size_t)got;
        _exit(got == 0 && n == 5 ? 0 : 1);
    }
    (void)close(listener);
    int fd = local_connect(path, in_ms(60000));
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&answer, 1, 60000), 1);
    assert_int_equal(local_write(fd, STR("hello"), in_ms(60000)), 0);
    local_close(fd, in_ms(60000));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_takes_whole_answers_only),
        cmocka_unit_test(fcgi_joins_records),
        cmocka_unit_test(does_not_wait_for_ever),
        cmocka_unit_test(closes_without_a_reset),
    };
    if (!mkdtemp(directory))
        return 1;
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    (void)rmdir(directory);
    return failed;
}
