// SPDX-License-Identifier: Apache-2.0
#include "base/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// The longest address is IPv6's with the name of an interface. An answer is written and read in one piece (PIPE_BUF).
enum { ADDRESS_SIZE = 64, ANSWER_BYTES_MAX = LOOKUP_ADDRESSES_MAX * ADDRESS_SIZE };

static _Noreturn void look_up(const char *name, int out)
{
    struct buf answer = {0};
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    if (getaddrinfo(name, NULL, &hints, &found))
        found = NULL;
    int n = 0;
    for (const struct addrinfo *at = found; at && n < LOOKUP_ADDRESSES_MAX; at = at->ai_next) {
        char text[ADDRESS_SIZE];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST))
            continue;
        buf_bytes(&answer, text, strlen(text) + 1);
        n++;
    }
    ssize_t written = write(out, answer.p, answer.n);
    _exit(written < 0);
}

// The child holds nothing of its parent's: a socket that the parent closes must not stay open here.
static _Noreturn void be_child(const char *name, int out, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(out, STDIN_FILENO) < 0)
        _exit(1);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    look_up(name, STDIN_FILENO);
}

int lookup_start(struct lookup *lookup, const char *name)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
        return -1;
    pid_t child = fork();
    if (child == 0)
        be_child(name, ends[1], parent);
    int why = errno;
    (void)close(ends[1]);
    if (child > 0) {
        *lookup = (struct lookup){child, ends[0]};
        return 0;
    }
    (void)close(ends[0]);
    errno = why;
    return -1;
}

int lookup_take(struct lookup *lookup, struct buf *addresses)
{
    char answer[ANSWER_BYTES_MAX];
    int found = 0;
    ssize_t n = read(lookup->fd, answer, sizeof answer);
    for (ssize_t i = 0; i < n; i++)
        found += answer[i] == '\0';
    if (n > 0)
        buf_bytes(addresses, answer, (size_t)n);
    lookup_stop(lookup);
    return found;
}

void lookup_stop(struct lookup *lookup)
{
    if (!lookup->process)
        return;
    (void)close(lookup->fd);
    (void)kill(lookup->process, SIGKILL);
    while (waitpid(lookup->process, NULL, 0) < 0 && errno == EINTR)
        continue;
    *lookup = (struct lookup){0};
}
