#include "agent/seat.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/log.h"
#include "agent/text.h"

#define SEATS_MAX 256

struct seat {
    int fd; /* -1: the name is this process's alone */
    char worker_id[64];
};

/* A socket bound to the number's name, or -1: somebody sits there, or there are no such sockets here. */
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

/* The first eight digits of the boot's id, and the network namespace. */
static int read_place(char boot[9], unsigned long *space)
{
    struct stat is;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    size_t n = file != NULL ? fread(boot, 1, 8, file) : 0;

    if (file != NULL)
        (void)fclose(file);
    boot[n] = '\0';
    if (n < 8 || stat("/proc/self/ns/net", &is) != 0)
        return -1;
    *space = (unsigned long)is.st_ino;
    return 0;
}

struct seat *seat_new(const char *persona)
{
    struct seat *seat = text_alloc(sizeof *seat);
    char host[24] = "", boot[9];
    unsigned long space = 0;
    int number = 0;

    seat->fd = -1;
    (void)gethostname(host, sizeof host - 1);
    if (read_place(boot, &space) == 0)
        while (seat->fd < 0 && number < SEATS_MAX)
            seat->fd = sit_down(persona, ++number);
    if (seat->fd >= 0) {
        (void)snprintf(seat->worker_id, sizeof seat->worker_id, "%s-%s-%lu-%d", host, boot, space, number);
        return seat;
    }
    log_write(LOG_WARNING, "no seat: what a crash leaves running ends by the heartbeat limit");
    (void)snprintf(seat->worker_id, sizeof seat->worker_id, "%s-%ld-%08x", host, (long)getpid(),
                   clock_jitter(UINT32_MAX));
    return seat;
}

void seat_free(struct seat *seat)
{
    if (seat == NULL)
        return;
    if (seat->fd >= 0)
        (void)close(seat->fd);
    free(seat);
}

const char *seat_worker_id(const struct seat *seat)
{
    return seat->worker_id;
}
