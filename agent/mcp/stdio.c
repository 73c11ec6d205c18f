// SPDX-License-Identifier: Apache-2.0
// The transport of servers that are programs: a child of ours, a message a line on its standard input and output. It
// has no descriptor and no setting of ours, and runs in the jail of child.h.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/mcp/child.h"
#include "agent/mcp/lines.h"
#include "agent/mcp/link.h"
#include "agent/mcp/message.h"
#include "base/clock.h"
#include "base/log.h"

#define COMPLAINT_MAX_BYTES 400 // of standard error that is kept: the newest
#define TURN_MS 100             // so often standard error is emptied
#define GOODBYE_MS 300          // to end by itself when its input has ended, and again after SIGTERM

struct stdio {
    struct link link; // first
    pid_t pid;        // 0: none
    int to, from, complaints;
    struct lines lines;
    struct buf complaint;
    bool has_asked; // for more than its tools: what it complains about may be people's words from then on
};

static void say(void *arg, struct str line)
{
    struct stdio *stdio = arg;
    stdio->link.on_message(stdio->link.arg, line);
}

// Three pipes. What is the child's is closed on exec by nobody but posix_spawn.
static int spawn_into(struct stdio *stdio, int pipes[3][2])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[0][0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[2][1], STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    int failed = child_spawn(stdio->link.server, &actions, &attributes, &stdio->pid);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static void start(struct stdio *stdio)
{
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    bool is_good = true;
    for (int i = 0; i < 3; i++)
        is_good = is_good && pipe2(pipes[i], O_CLOEXEC) == 0;
    is_good = is_good && spawn_into(stdio, pipes) == 0;
    if (!is_good) {
        stdio->pid = 0;
        link_fail(&stdio->link, "it could not be started");
    }
    const int ours[3] = {1, 0, 0};
    int *kept[3] = {&stdio->to, &stdio->from, &stdio->complaints};
    for (int i = 0; i < 3; i++) {
        if (pipes[i][!ours[i]] >= 0)
            close(pipes[i][!ours[i]]);
        *kept[i] = pipes[i][ours[i]];
        if (*kept[i] >= 0)
            (void)fcntl(*kept[i], F_SETFL, O_NONBLOCK);
    }
}

static void take_complaints(struct stdio *stdio)
{
    char bytes[4096];
    ssize_t n;
    while ((n = read(stdio->complaints, bytes, sizeof bytes)) > 0) {
        buf_bytes(&stdio->complaint, bytes, (size_t)n);
        if (stdio->complaint.n > COMPLAINT_MAX_BYTES) {
            size_t old = stdio->complaint.n - COMPLAINT_MAX_BYTES;
            memmove(stdio->complaint.p, stdio->complaint.p + old, COMPLAINT_MAX_BYTES);
            stdio->complaint.n = COMPLAINT_MAX_BYTES;
        }
        if (n < (ssize_t)sizeof bytes)
            break;
    }
}

static int died(struct stdio *stdio)
{
    take_complaints(stdio);
    link_fail(&stdio->link, "its program ended");
    child_complain(stdio->link.server->name, buf_view(&stdio->complaint), !stdio->has_asked);
    buf_clear(&stdio->complaint);
    return -1;
}

static int take_turn(struct link *link, int64_t ms)
{
    struct stdio *stdio = (struct stdio *)link;
    char bytes[65536];
    ssize_t n = -1;
    if (link->trouble[0] != '\0')
        return -1;
    take_complaints(stdio);
    http_step(link->http, stdio->from, POLLIN, ms < TURN_MS ? ms : TURN_MS);
    // Bounded, so that a program that writes for ever does not keep us from the clock.
    for (int turn = 0; turn < 16 && (n = read(stdio->from, bytes, sizeof bytes)) > 0; turn++)
        if (lines_feed(&stdio->lines, (struct str){bytes, (size_t)n}, MESSAGE_MAX_BYTES, say, stdio) != 0) {
            link_fail(link, "it wrote an endless line");
            return -1;
        }
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ? died(stdio) : 0;
}

// A program that does not read is waited for as long as for an answer.
static int write_line(struct link *link, struct str message, bool is_request)
{
    struct stdio *stdio = (struct stdio *)link;
    struct buf line = {0};
    buf_str(&line, message);
    buf_char(&line, '\n');
    struct str left = buf_view(&line);
    int64_t until = clock_mono_ms() + link->server->timeout_s * 1000;
    stdio->has_asked |= is_request && memmem(message.p, message.n, "\"tools/call\"", 12);
    while (left.n > 0 && link->trouble[0] == '\0') {
        ssize_t n = write(stdio->to, left.p, left.n);
        if (n > 0)
            left = str_skip(left, (size_t)n);
        else if (errno != EAGAIN && errno != EINTR)
            (void)died(stdio);
        else if (clock_mono_ms() >= until || http_is_aborted(link->http))
            link_fail(link, "it does not read what it is sent");
        else
            http_step(link->http, stdio->to, POLLOUT, TURN_MS);
    }
    buf_fini(&line);
    return link->trouble[0] == '\0' ? 0 : -1;
}

static void settle(struct link *link)
{
    (void)link;
}

// It is not reaped yet: its number stays its own, as that of its group.
static bool has_ended(pid_t pid, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms;
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR)
            return true;
        if (info.si_pid == pid)
            return true;
        if (clock_mono_ms() >= until)
            return false;
        (void)poll(NULL, 0, 5);
    }
}

// As the specification has it: its input ends, then it is asked to end, then it is killed, with all that it started.
static void leave(struct link *link, struct str farewell)
{
    struct stdio *stdio = (struct stdio *)link;
    if (stdio->pid > 0 && farewell.n > 0) {
        (void)!write(stdio->to, farewell.p, farewell.n);
        (void)!write(stdio->to, "\n", 1);
    }
    const int descriptors[] = {stdio->to, stdio->from, stdio->complaints};
    for (int i = 0; i < 3; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    if (stdio->pid > 0) {
        if (!has_ended(stdio->pid, GOODBYE_MS) && kill(-stdio->pid, SIGTERM) == 0)
            (void)has_ended(stdio->pid, GOODBYE_MS);
        (void)kill(-stdio->pid, SIGKILL);
        while (waitpid(stdio->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    buf_fini(&stdio->lines.rest);
    buf_fini(&stdio->complaint);
    free(stdio);
}

struct link *stdio_link(struct http *http, const struct server *server)
{
    static const struct link_kind kind = {.send = write_line, .wait = take_turn, .settle = settle, .leave = leave};
    struct stdio *stdio = mem_zero(sizeof *stdio);
    stdio->link = (struct link){.kind = &kind, .http = http, .server = server};
    start(stdio);
    return &stdio->link;
}
