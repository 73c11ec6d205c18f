// SPDX-License-Identifier: Apache-2.0
#include "agent/seat.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/buf.h"
#include "base/id.h"

#define SEATS_MAX 256

struct seat {
    int fd; // -1: the name is this process's alone
    char worker_id[64];
};

// Returns a socket bound to the number's name, or -1 if somebody else has it or this system has no such sockets.
static int sit_down(const char *persona, int number)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "trace-agent/%s/%d", persona, number);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (n > 0 && (size_t)n < sizeof address.sun_path - 1 &&
        bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

// The first eight digits of the boot's id, and the network namespace.
static int read_place(char boot[9], unsigned long *space)
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    size_t n = file ? fread(boot, 1, 8, file) : 0;
    if (file)
        (void)fclose(file);
    boot[n] = '\0';
    struct stat is;
    if (n < 8 || stat("/proc/self/ns/net", &is) != 0)
        return -1;
    *space = (unsigned long)is.st_ino;
    return 0;
}

struct seat *seat_new(const char *persona)
{
    struct seat *seat = mem_zero(sizeof *seat);
    char host[24] = "";
    unsigned long space = 0;
    int number = 0;
    seat->fd = -1;
    (void)gethostname(host, sizeof host - 1);
    char boot[9];
    if (read_place(boot, &space) == 0)
        while (seat->fd < 0 && number < SEATS_MAX)
            seat->fd = sit_down(persona, ++number);
    if (seat->fd >= 0) {
        (void)snprintf(seat->worker_id, sizeof seat->worker_id, "%s-%s-%lu-%d", host, boot, space, number);
        return seat;
    }
    log_warning("cannot take a seat: sessions that a crash leaves running end by the heartbeat limit");
    (void)snprintf(seat->worker_id, sizeof seat->worker_id, "%s-%ld-%08x", host, (long)getpid(),
                   id_random_below(UINT32_MAX));
    return seat;
}

void seat_free(struct seat *seat)
{
    if (!seat)
        return;
    if (seat->fd >= 0)
        (void)close(seat->fd);
    free(seat);
}

const char *seat_worker_id(const struct seat *seat)
{
    return seat->worker_id;
}
