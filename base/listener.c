// SPDX-License-Identifier: Apache-2.0
#include "base/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"

enum { BACKLOG = 4096 };

static int spare_descriptor(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int listener_open(struct listener *listener, int epoll, int kind, int type, enum unix_socket_mode mode,
                  const char *path)
{
    *listener = LISTENER_NONE;
    listener->watch = (struct watch){kind, unix_socket_listen(path, type, mode, BACKLOG)};
    listener->epoll = epoll;
    if (listener->watch.fd < 0 || watch_add(epoll, &listener->watch, EPOLLIN)) {
        log_error("cannot listen at %s: %s", path, strerror(errno));
        return -1;
    }
    listener->spare = spare_descriptor();
    return 0;
}

void listener_recover(struct listener *listener)
{
    if (!listener->exhausted)
        return;
    listener->spare = spare_descriptor();
    if (listener->spare < 0)
        return;
    listener->exhausted = false;
    watch_change(listener->epoll, &listener->watch, EPOLLIN);
}

static int reject_one(struct listener *listener)
{
    if (!listener->said_full)
        log_error("out of descriptors: new connections are closed");
    listener->said_full = true;
    if (listener->spare >= 0)
        (void)close(listener->spare);
    int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    listener->spare = spare_descriptor();
    listener->exhausted = listener->spare < 0;
    // A queue that can be neither served nor emptied would wake every turn.
    if (listener->exhausted)
        watch_change(listener->epoll, &listener->watch, 0);
    return -1;
}

int listener_accept(struct listener *listener)
{
    int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        listener->said_full = false;
        return fd;
    }
    if (errno == EMFILE || errno == ENFILE)
        return reject_one(listener);
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        log_error("cannot accept a connection: %s", strerror(errno));
    return -1;
}

void listener_close(struct listener *listener)
{
    if (listener->watch.fd >= 0)
        (void)close(listener->watch.fd);
    if (listener->spare >= 0)
        (void)close(listener->spare);
    *listener = LISTENER_NONE;
}
