#include "sse/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/log.h"

enum { BACKLOG = 4096 };

static int spare_descriptor(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int listener_open(struct listener *listener, enum watch_kind kind, int type, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *listener = (struct listener){.watch = {kind, -1}, .type = type, .spare = -1};
    if (strlen(path) >= sizeof address.sun_path) {
        log_error("the socket's path is too long: %s", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)unlink(path);
    mode_t mask = umask(0117);
    int bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof address);
    (void)umask(mask);
    if (bound || listen(fd, BACKLOG)) {
        log_error("cannot listen at %s: %s", path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    listener->watch.fd = fd;
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

static int shed(struct listener *listener)
{
    if (!listener->said_full)
        log_error("out of descriptors: a connection is refused");
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
        return shed(listener);
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        log_error("cannot accept: %s", strerror(errno));
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
