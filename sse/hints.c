// SPDX-License-Identifier: Apache-2.0
#include "sse/hints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/unix_socket.h"
#include "wire/hint.h"

enum { HINTS_A_TURN = 64 };

struct writer {
    struct watch watch;
    struct link all; // in p->writers
    // The revocation that it waits for: its question (p->revoked_wanted), 0 if none, and what it is answered with.
    int64_t question;
    int64_t stamp_ns;
};

void hints_end(struct pusher *p, struct writer *writer)
{
    if (p->relay_writer == writer)
        p->relay_writer = NULL;
    watch_close(p->epoll, &writer->watch);
    list_leave(&writer->all);
    free(writer);
}

struct writer *hints_new(struct pusher *p, int fd)
{
    struct writer *writer = mem_zero(sizeof *writer);
    writer->watch = (struct watch){WATCH_WRITER, fd};
    list_join(&p->writers, &writer->all);
    if (watch_add(p->epoll, &writer->watch, EPOLLIN) == 0)
        return writer;
    log_error("cannot watch a new writer of hints: %s", strerror(errno));
    hints_end(p, writer);
    return NULL;
}

int hints_send(const struct writer *writer, struct str message)
{
    return send(writer->watch.fd, message.p, message.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

void hints_close(struct pusher *p)
{
    for (struct link *link; (link = list_first(&p->writers));)
        hints_end(p, LIST_OWNER(link, struct writer, all));
}

static void take(struct pusher *p, struct writer *writer, struct str message)
{
    struct hint hint;
    p->counters.hint_messages++;
    if (hint_unpack(&hint, message)) {
        p->counters.hint_malformed++;
        return;
    }
    if (hint.flags & HINT_SELF_TEST) {
        p->probe_heard_ns = p->now_ns;
        p->probe_round_ns = clock_mono_ns() - hint.stamp_ns;
        return;
    }
    if (hint.flags & HINT_REVOKED) {
        writer->question = ++p->revoked_wanted;
        writer->stamp_ns = hint.stamp_ns;
        return;
    }
    bool is_from_relay = writer == p->relay_writer;
    if (hint.flags & HINT_TEXT_WANTED) {
        if (is_from_relay) {
            buf_bytes(&p->text_questions, &hint.offset, sizeof hint.offset);
            buf_str(&p->text_questions, hint.room);
            buf_char(&p->text_questions, '\0');
        }
        return;
    }
    rooms_hint(&p->rooms, &hint);
    if (!is_from_relay && hint.flags & (HINT_CONTENT | HINT_DELTA))
        rooms_written(&p->rooms, hint.room);
}

void hints_acknowledge(struct pusher *p)
{
    for (struct link *link = p->writers.head.next; link != &p->writers.head; link = link->next) {
        struct writer *writer = LIST_OWNER(link, struct writer, all);
        if (writer->question == 0 || writer->question > p->revoked_known)
            continue;
        writer->question = 0;
        // One that hung up meanwhile does not wait, and one whose socket is full asked for nothing else.
        (void)send(writer->watch.fd, &writer->stamp_ns, sizeof writer->stamp_ns, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void hints_readable(struct pusher *p, struct watch *watch)
{
    static char message[HINT_SIZE_MAX + 1];
    for (int i = 0; i < HINTS_A_TURN; i++) {
        ssize_t n = recv(watch->fd, message, sizeof message, MSG_DONTWAIT);
        if (n > 0) {
            take(p, LIST_OWNER(watch, struct writer, watch), (struct str){message, (size_t)n});
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        // The writer is gone. epoll reports each descriptor once a turn, so nothing else refers to the watch.
        hints_end(p, LIST_OWNER(watch, struct writer, watch));
        return;
    }
}

void hints_probe(const char *path)
{
    struct hint hint = {.flags = HINT_SELF_TEST, .stamp_ns = clock_mono_ns()};
    struct buf packed = {0};
    int fd = unix_socket_connect(path, SOCK_SEQPACKET);
    if (fd < 0 || hint_pack(&packed, &hint) || send(fd, packed.p, packed.n, MSG_NOSIGNAL) < 0)
        log_warning("the pusher cannot send a hint to itself through %s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&packed);
}
