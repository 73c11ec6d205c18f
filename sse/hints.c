#include "sse/hints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/clock.h"
#include "lib/hint.h"
#include "lib/log.h"

enum { HINTS_A_TURN = 64 };

struct writer {
    struct watch watch;
    struct link all; // in p->writers
};

static void hang_up(struct writer *writer)
{
    (void)close(writer->watch.fd);
    list_leave(&writer->all);
    free(writer);
}

void hints_new(struct pusher *p, int fd)
{
    struct writer *writer = mem_zero(sizeof *writer);
    writer->watch = (struct watch){WATCH_WRITER, fd};
    list_join(&p->writers, &writer->all);
    if (watch_add(p->epoll, &writer->watch, EPOLLIN) == 0)
        return;
    log_error("cannot watch a writer: %s", strerror(errno));
    hang_up(writer);
}

void hints_close(struct pusher *p)
{
    for (struct link *link; (link = list_first(&p->writers));)
        hang_up(LIST_OWNER(link, struct writer, all));
}

static void take(struct pusher *p, struct str message)
{
    struct hint hint;
    p->metrics.hint_messages++;
    if (hint_unpack(&hint, message)) {
        p->metrics.hint_malformed++;
        return;
    }
    if (hint.flags & HINT_SELF_TEST) {
        p->probe_heard = p->now;
        p->probe_round_ns = clock_mono_ns() - hint.stamp;
        return;
    }
    rooms_hint(&p->rooms, &hint);
}

void hints_readable(struct pusher *p, struct watch *watch)
{
    static char message[HINT_SIZE_MAX + 1];
    for (int i = 0; i < HINTS_A_TURN; i++) {
        ssize_t n = recv(watch->fd, message, sizeof message, MSG_DONTWAIT);
        if (n > 0) {
            take(p, (struct str){message, (size_t)n});
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        // Gone. epoll reports a descriptor once a turn, so nothing refers to the watch any more.
        hang_up(LIST_OWNER(watch, struct writer, watch));
        return;
    }
}

void hints_probe(struct pusher *p, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct hint hint = {.flags = HINT_SELF_TEST, .stamp = clock_mono_ns()};
    struct buf packed = {0};
    (void)p;
    memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) || hint_pack(&packed, &hint) ||
        send(fd, packed.p, packed.n, MSG_NOSIGNAL) < 0)
        log_warning("cannot send a hint to myself: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&packed);
}
