// SPDX-License-Identifier: Apache-2.0
#include "sse/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"
#include "base/unix_socket.h"

enum { BACKLOG = 4096 };

static int spare_descriptor(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int listener_open(struct listener *listener, enum watch_kind kind, int type, const char *path)
{
    // What a hint says is believed until the next comparison with the database: only writers of this user may send one.
    enum unix_socket_mode mode = kind == WATCH_HINTS ? UNIX_SOCKET_OWN : UNIX_SOCKET_GROUP;
    *listener = (struct listener){.watch = {kind, unix_socket_listen(path, type, mode, BACKLOG)}, .spare = -1};
    if (listener->watch.fd < 0) {
        log_error("cannot listen at %s: %s", path, strerror(errno));
        return -1;
    }
    listener->spare = spare_descriptor();
    return 0;
}

bool listener_recover(struct listener *listener)
{
    if (listener->spare < 0)
        listener->spare = spare_descriptor();
    listener->exhausted = listener->spare < 0;
    return !listener->exhausted;
}

static int reject_one(struct listener *listener)
{
    if (!listener->said_full)
        log_error("out of descriptors: new connections are closed");
    listener->said_full = true;
    if (listener->spare >= 0)
        (void)close(listener->spare);
    listener->spare = -1;
    int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    (void)listener_recover(listener);
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
    listener->watch.fd = listener->spare = -1;
    listener->exhausted = false;
}
