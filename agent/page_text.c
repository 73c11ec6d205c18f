// SPDX-License-Identifier: Apache-2.0
#include "agent/page_text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/self.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/buf.h"

#define CHILD_MS 10000
#define POLL_MS 100
#define OUTPUT_MAX (4u << 20)

static const char *const readable[] = {"text/", "application/json", "application/xml", "application/xhtml+xml"};

bool page_text_is_readable(const char *content_type)
{
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
        if (strncasecmp(content_type, readable[i], strlen(readable[i])) == 0)
            return true;
    return *content_type == '\0';
}

// The child gets its two pipes and nothing else: no connection, no token.
static int spawn_child(const char *content_type, int in, int out, pid_t *pid)
{
    char *program = (char *)(uintptr_t)self_path();
    char option[] = PAGE_TEXT_OPTION, type[128] = "", *argv[] = {program, option, type, NULL}, *envp[] = {NULL};
    memcpy(type, content_type, strnlen(content_type, sizeof type - 1));
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    int failed = posix_spawn(pid, program, &actions, &attributes, argv, envp);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? 0 : -1;
}

// Writes `p` to one end and reads everything from the other. Returns -1 on a timeout, an abort or too much output.
static int exchange(int *to, int from, const char *p, size_t n, bool (*is_aborted)(void *), void *arg, struct buf *out)
{
    int64_t until = clock_mono_ms() + CHILD_MS;
    char buffer[16384];
    ssize_t got;
    while (clock_mono_ms() < until && !is_aborted(arg) && out->n < OUTPUT_MAX) {
        struct pollfd fds[2] = {{.fd = from, .events = POLLIN}, {.fd = *to, .events = POLLOUT}};
        if (poll(fds, 2, POLL_MS) < 0 && errno != EINTR)
            return -1;
        if (fds[1].revents != 0) {
            got = write(*to, p, n);
            if (got > 0) {
                p += got;
                n -= (size_t)got;
            }
            if (n == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
                close(*to);
                *to = -1;
            }
        }
        if (fds[0].revents != 0) {
            got = read(from, buffer, sizeof buffer);
            if (got == 0)
                return 0;
            if (got > 0)
                buf_bytes(out, buffer, (size_t)got);
        }
    }
    return -1;
}

static void split(struct buf *output, struct buf *title, struct buf *body)
{
    const char *p = buf_cstr(output), *line = strchr(p, '\n');
    utf8_mend(title, (struct str){p, line ? (size_t)(line - p) : output->n});
    if (line)
        utf8_mend(body, (struct str){line + 1, output->n - (size_t)(line + 1 - p)});
}

int page_text_read(const char *content_type, const char *p, size_t n, bool (*is_aborted)(void *arg), void *arg,
                   struct buf *title, struct buf *body)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, result = -1;
    struct buf output = {0};
    pid_t pid = -1;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        goto out;
    if (fcntl(in[1], F_SETFL, O_NONBLOCK) != 0 || spawn_child(content_type, in[0], out[1], &pid) != 0)
        goto out;
    close(in[0]);
    close(out[1]);
    in[0] = out[1] = -1;
    result = exchange(&in[1], out[0], p, n, is_aborted, arg, &output);
    if (result != 0)
        kill(pid, SIGKILL);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (result == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        result = -1;
    if (result == 0)
        split(&output, title, body);
out:
    for (int i = 0; i < 2; i++) {
        if (in[i] >= 0)
            close(in[i]);
        if (out[i] >= 0)
            close(out[i]);
    }
    buf_fini(&output);
    return result;
}
