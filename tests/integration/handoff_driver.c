// SPDX-License-Identifier: Apache-2.0
// Sends to the pusher's hand-over socket what nginx never would, each over a connection of its own, and prints what
// came of it: handoff_driver PATH. With a QUERY hands over one stream of it, whose client leaves at once, and keeps a
// copy of the socket until the end of standard input, as a slow nginx does. Run by tests/integration/handoff.test.mjs.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/unix_socket.h"
#include "wire/handoff.h"

enum { PATIENCE_MS = 10000 };

static ssize_t send_message(int fd, const char *bytes, size_t n, int descriptor)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static void send_one(const char *path, const char *name, const char *bytes, size_t n, int descriptor)
{
    char answer[HANDOFF_ANSWER_BYTES];
    int fd = unix_socket_connect(path, SOCK_SEQPACKET);
    if (fd < 0 || send_message(fd, bytes, n, descriptor) < 0) {
        printf("%s: cannot send\n", name);
    } else if (n == 0 && shutdown(fd, SHUT_WR)) {
        printf("%s: cannot shut down\n", name);
    } else {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        bool heard = poll(&wait, 1, PATIENCE_MS) == 1;
        ssize_t got = heard ? recv(fd, answer, sizeof answer, MSG_DONTWAIT) : 0;
        printf("%s: %s\n", name, !heard ? "nothing" : got > 0 ? "answered" : "hung up");
    }
    if (fd >= 0)
        (void)close(fd);
}

static bool comes(int fd)
{
    char bytes[1];
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, PATIENCE_MS) == 1 &&
           recv(fd, bytes, sizeof bytes, 0) == 1;
}

static int keep_copy(const char *path, struct handoff_request *request, const char *query)
{
    char bytes[HANDOFF_BYTES_MAX];
    int ends[2];
    int fd = unix_socket_connect(path, SOCK_SEQPACKET);
    request->query = str_from(query);
    size_t n = handoff_request_print(request, bytes);
    if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || send_message(fd, bytes, n, ends[1]) < 0 || !comes(fd) ||
        !comes(ends[0]) || close(ends[0]))
        return 1;
    printf("left\n");
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}

int main(int argc, char **argv)
{
    char bytes[HANDOFF_BYTES_MAX];
    struct handoff_request request = {.number = 1,
                                      .deadline_ns = clock_mono_ns() + INT64_C(60000000000),
                                      .query = STR("room=session:ses_1"),
                                      .address = STR("127.0.0.1")};
    if (argc == 3)
        return keep_copy(argv[1], &request, argv[2]);
    if (argc != 2)
        return 2;
    size_t n = handoff_request_print(&request, bytes);
    send_one(argv[1], "empty", "", 0, -1);
    send_one(argv[1], "garbage", "GET / HTTP/1.1\r\n\r\n", 18, STDIN_FILENO);
    send_one(argv[1], "no descriptor", bytes, n, -1);
    send_one(argv[1], "cut", bytes, n - 1, STDIN_FILENO);
    return 0;
}
