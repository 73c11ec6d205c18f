// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/local.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/wire.h"

enum { DIAL_TRIES = 500, DIAL_PAUSE_US = 10000, BACKLOG = 4096 };

static int open_socket(struct sockaddr_un *address, const char *path, int type)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        wire_fail("socket");
    if (snprintf(address->sun_path, sizeof address->sun_path, "%s", path) >= (int)sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        wire_fail(path);
    }
    return fd;
}

int local_dial(const char *address, int type)
{
    struct sockaddr_un to;
    if (address[0] != '/')
        return wire_dial(address);
    int fd = open_socket(&to, address, type);
    for (int i = 0; i < DIAL_TRIES; i++) {
        if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
            return fd;
        (void)usleep(DIAL_PAUSE_US);
    }
    wire_fail(address);
}

int local_listen(const char *path, int type)
{
    struct sockaddr_un at;
    int fd = open_socket(&at, path, type);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) || chmod(path, 0666) || listen(fd, BACKLOG))
        wire_fail(path);
    return fd;
}

int64_t local_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec spent;
    errno = clock_getcpuclockid(pid, &clock);
    if (errno || clock_gettime(clock, &spent))
        wire_fail("a server's processor time");
    return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}
