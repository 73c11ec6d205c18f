// SPDX-License-Identifier: Apache-2.0
// A pusher that takes one socket and hangs up while nginx has already sent it the next: handoff_quitter PATH. It
// listens at PATH, says so, and writes one answer to the client that it took. Run by
// tests/integration/handoff.test.mjs.
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/unix_socket.h"
#include "wire/handoff.h"

enum { LINKS_MAX = 16, PATIENCE_MS = 20000 };

static struct link {
    uint64_t number; // of the request that was read, 0: none yet
    int client;      // what came with it
} links[LINKS_MAX];
static struct pollfd watched[1 + LINKS_MAX];
static nfds_t watched_n = 1;

static void fail(const char *what)
{
    fprintf(stderr, "handoff_quitter: ");
    perror(what);
    exit(1);
}

static void read_request(struct link *link, int fd)
{
    static char bytes[HANDOFF_BYTES_MAX];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    struct handoff_request request;
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (n <= 0 || handoff_request_parse(&request, (struct str){bytes, (size_t)n}) || !CMSG_FIRSTHDR(&message))
        fail("not a hand-over");
    memcpy(&link->client, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof link->client);
    link->number = request.number;
}

static void take_and_quit(const struct link *link, int fd)
{
    static const char said[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntaken";
    char answer[HANDOFF_ANSWER_BYTES];
    struct ucred worker;
    socklen_t n = sizeof worker;
    handoff_answer_print(&(struct handoff_answer){link->number, HANDOFF_TAKEN}, answer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &worker, &n) || kill(worker.pid, SIGSTOP))
        fail("cannot stop nginx");
    if (send(fd, answer, sizeof answer, MSG_NOSIGNAL) < 0 || close(fd))
        fail("cannot answer");
    if (write(link->client, said, sizeof said - 1) < 0)
        fail("cannot write to the client");
    if (kill(worker.pid, SIGCONT))
        fail("cannot wake nginx");
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    watched[0] = (struct pollfd){unix_socket_listen(argv[1], SOCK_SEQPACKET, UNIX_SOCKET_GROUP, LINKS_MAX), POLLIN, 0};
    if (watched[0].fd < 0)
        fail(argv[1]);
    printf("listening\n");
    (void)fflush(stdout);
    while (poll(watched, watched_n, PATIENCE_MS) > 0) {
        for (nfds_t i = 1; i < watched_n; i++) {
            struct link *link = &links[i - 1];
            if (!(watched[i].revents & POLLIN))
                continue;
            if (link->number)
                take_and_quit(link, watched[i].fd);
            read_request(link, watched[i].fd);
        }
        if (watched[0].revents & POLLIN && watched_n <= LINKS_MAX)
            watched[watched_n++] = (struct pollfd){accept4(watched[0].fd, NULL, NULL, SOCK_CLOEXEC), POLLIN, 0};
    }
    fprintf(stderr, "handoff_quitter: no two hand-overs came over one connection\n");
    return 1;
}
