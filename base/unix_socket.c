// SPDX-License-Identifier: Apache-2.0
#include "base/unix_socket.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static_assert(sizeof((struct sockaddr_un){0}.sun_path) == UNIX_SOCKET_PATH_SIZE, "the size of a Unix socket's path");

static int set_address(struct sockaddr_un *address, const char *path)
{
    size_t n = strlen(path);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address->sun_path, path, n + 1);
    return 0;
}

// A socket, and the address that it is to have or to reach. -1 with errno.
static int open_socket(struct sockaddr_un *address, const char *path, int type)
{
    return set_address(address, path) ? -1 : socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// Closes the descriptor without losing the errno of what failed.
static int give_up(int fd)
{
    int why = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = why;
    return -1;
}

int unix_socket_listen(const char *path, int type, enum unix_socket_mode mode, int backlog)
{
    struct sockaddr_un address;
    int fd = open_socket(&address, path, type);
    if (fd < 0)
        return -1;
    (void)unlink(path);
    mode_t mask = umask(0777 & ~(mode_t)mode);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    (void)umask(mask);
    return bound || listen(fd, backlog) ? give_up(fd) : fd;
}

int unix_socket_connect(const char *path, int type)
{
    struct sockaddr_un address;
    int fd = open_socket(&address, path, type);
    if (fd < 0)
        return -1;
    return connect(fd, (const struct sockaddr *)&address, sizeof address) ? give_up(fd) : fd;
}
