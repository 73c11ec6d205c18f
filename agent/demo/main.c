// SPDX-License-Identifier: Apache-2.0
// demo-model: an OpenAI-compatible server on the loopback interface that needs no key and no network, so that Agent
// Trace can be seen working. It is deterministic: it searches the workspace for the words of the question and quotes
// what it finds. It has one thread and one poll loop.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "agent/demo/conn.h"
#include "base/version.h"

#define CLIENTS_MAX 128
#define DEFAULT_PORT 8765
#define DEFAULT_PACE_MS 30

static volatile sig_atomic_t is_ending;

static void end(int number)
{
    (void)number;
    is_ending = 1;
}

static int listen_on(int port, int *bound)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((in_port_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        fprintf(stderr, "error demo-model: cannot listen on 127.0.0.1:%d: %s\n", port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *bound = ntohs(address.sin_port);
    return fd;
}

struct server {
    int fd;
    struct script_style style;
    struct conn *client[CLIENTS_MAX];
    size_t count;
};

static void accept_clients(struct server *server)
{
    int one = 1;
    int fd;
    while (server->count < CLIENTS_MAX && (fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        // Tokens are small and must not wait for one another.
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        server->client[server->count++] = conn_new(fd, &server->style);
    }
}

static void turn(struct server *server, const sigset_t *waiting)
{
    int64_t now = clock_mono_ms();
    int wait = -1;
    size_t polled = server->count;
    struct pollfd fds[CLIENTS_MAX + 1];
    for (size_t i = 0; i < polled; i++) {
        int ms = conn_wait_ms(server->client[i], now);
        fds[i] = (struct pollfd){.fd = conn_fd(server->client[i]), .events = conn_events(server->client[i])};
        wait = ms >= 0 && (wait < 0 || ms < wait) ? ms : wait;
    }
    fds[polled] = (struct pollfd){.fd = server->count < CLIENTS_MAX ? server->fd : -1, .events = POLLIN};
    struct timespec time = (struct timespec){.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000L};
    if (ppoll(fds, polled + 1, wait < 0 ? NULL : &time, waiting) < 0)
        return;
    now = clock_mono_ms();
    for (size_t i = polled; i > 0; i--) {
        struct conn **client = &server->client[i - 1];
        if (conn_work(*client, fds[i - 1].revents, now) != 0) {
            conn_free(*client);
            *client = server->client[--server->count];
        }
    }
    accept_clients(server);
}

static int serve(struct server *server, int port)
{
    struct sigaction action = {.sa_handler = end};
    sigset_t blocked = signals_ending(), waiting;
    // Signals are delivered only inside ppoll, so that none is missed.
    sigprocmask(SIG_BLOCK, &blocked, &waiting);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    server->fd = listen_on(port, &port);
    if (server->fd < 0)
        return EXIT_FAILURE;
    fprintf(stderr, "info demo-model: the demo model listens url=http://127.0.0.1:%d/v1%s\n", port,
            server->style.faults ? " faults=yes" : "");
    while (!is_ending)
        turn(server, &waiting);
    while (server->count > 0)
        conn_free(server->client[--server->count]);
    close(server->fd);
    return EXIT_SUCCESS;
}

static int usage(FILE *out)
{
    fprintf(out,
            "Usage: demo-model [--port N] [--pace MS] [--faults]\n\n"
            "  --port N    port on 127.0.0.1; 0: any free one, which it prints [%d]\n"
            "  --pace MS   time between two tokens [%d]\n"
            "  --faults    allow [fault:NAME] in a question (see fault.h); for tests\n",
            DEFAULT_PORT, DEFAULT_PACE_MS);
    return out == stdout ? EXIT_SUCCESS : 2;
}

static int take_number(const char *text, long max, int *out)
{
    if (!text)
        return -1;
    errno = 0;
    char *stop;
    long number = strtol(text, &stop, 10);
    if (errno != 0 || stop == text || *stop != '\0' || number < 0 || number > max)
        return -1;
    *out = (int)number;
    return 0;
}

int main(int argc, char **argv)
{
    static struct server server = {.style = {.pace_ms = DEFAULT_PACE_MS}};
    int port = DEFAULT_PORT;
    if (version_answered("demo-model", argc, argv))
        return EXIT_SUCCESS;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return usage(stdout);
        if (strcmp(argv[i], "--faults") == 0)
            server.style.faults = true;
        else if (strcmp(argv[i], "--port") == 0 && take_number(argv[i + 1], 65535, &port) == 0)
            i++;
        else if (strcmp(argv[i], "--pace") == 0 && take_number(argv[i + 1], 60000, &server.style.pace_ms) == 0)
            i++;
        else
            return usage(stderr);
    }
    return serve(&server, port);
}
