// SPDX-License-Identifier: Apache-2.0
#include "sse/handoffs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "sse/conn.h"
#include "sse/request.h"
#include "wire/handoff.h"

enum { HANDOFFS_A_TURN = 64 };

struct giver {
    struct watch watch;
    struct link all; // in p->givers
};

static void hang_up(struct pusher *p, struct giver *giver)
{
    watch_close(p->epoll, &giver->watch);
    list_leave(&giver->all);
    free(giver);
}

void handoffs_new(struct pusher *p, int fd)
{
    struct giver *giver = mem_zero(sizeof *giver);
    giver->watch = (struct watch){WATCH_GIVER, fd};
    list_join(&p->givers, &giver->all);
    if (watch_add(p->epoll, &giver->watch, EPOLLIN) == 0)
        return;
    log_error("cannot watch a connection that hands sockets over: %s", strerror(errno));
    hang_up(p, giver);
}

void handoffs_close(struct pusher *p)
{
    for (struct link *link; (link = list_first(&p->givers));)
        hang_up(p, LIST_OWNER(link, struct giver, all));
}

// The descriptor that came with the message, or -1. The control buffer has room for one: the kernel closes others.
static int descriptor_of(struct msghdr *message)
{
    int fd = -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

static bool answer(int giver_fd, uint64_t number, enum handoff_verdict verdict)
{
    char bytes[HANDOFF_ANSWER_BYTES];
    handoff_answer_print(&(struct handoff_answer){number, verdict}, bytes);
    return send(giver_fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof bytes;
}

static bool becomes_stream(struct pusher *p, const struct handoff_request *request, struct subscription *subscription)
{
    struct frame *refusal = NULL;
    if (handoff_is_late(request, clock_mono_ns())) {
        p->counters.handoffs[HANDOFF_LATE]++;
        return false;
    }
    const struct request_opening opening = {request->query, request->address};
    if (request_judge_stream(p, p->conns_n, &opening, subscription, &refusal) == REQUEST_STREAM)
        return true;
    frame_unref(refusal);
    p->counters.handoffs[HANDOFF_LEFT]++;
    return false;
}

// Nothing is written to `fd` before the answer, and nothing if the answer may have come too late (wire/handoff.h).
static void take(struct pusher *p, int giver_fd, const struct handoff_request *request, int fd)
{
    struct subscription subscription;
    if (!becomes_stream(p, request, &subscription)) {
        (void)close(fd);
        (void)answer(giver_fd, request->number, HANDOFF_REFUSED);
    } else if (!answer(giver_fd, request->number, HANDOFF_TAKEN) || handoff_is_void(request, clock_mono_ns())) {
        (void)close(fd);
        p->counters.handoffs[HANDOFF_LATE]++;
    } else {
        p->counters.handoffs[HANDOFF_STREAM]++;
        conn_adopt(p, fd, &subscription);
    }
}

// 1: a message was read; 0: there is none now; -1: the connection is over.
static int receive(struct pusher *p, int giver_fd)
{
    static char bytes[HANDOFF_BYTES_MAX + 1];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t n = recvmsg(giver_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    int fd = descriptor_of(&message);
    struct handoff_request request;
    if (fd >= 0 && handoff_request_parse(&request, (struct str){bytes, (size_t)n}) == 0) {
        take(p, giver_fd, &request, fd);
        return 1;
    }
    // A message without a descriptor: the end, or the process is out of descriptors and the kernel dropped this one
    // (MSG_CTRUNC). Hanging up tells nginx at once that whatever waits is its own again.
    if (fd >= 0)
        (void)close(fd);
    if (n > 0) {
        p->counters.handoffs[HANDOFF_MALFORMED]++;
        log_warning("a hand-over was not understood: bytes=%zd descriptor=%s", n,
                    fd >= 0                          ? "yes"
                    : message.msg_flags & MSG_CTRUNC ? "dropped"
                                                     : "none");
    }
    return -1;
}

void handoffs_readable(struct pusher *p, struct watch *watch)
{
    for (int i = 0; i < HANDOFFS_A_TURN; i++) {
        int outcome = receive(p, watch->fd);
        if (outcome == 0)
            return;
        if (outcome < 0) {
            // epoll reports a descriptor once a turn, so nothing refers to the watch any more.
            hang_up(p, LIST_OWNER(watch, struct giver, watch));
            return;
        }
    }
}
