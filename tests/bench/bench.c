#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DIAL_TRIES = 500, DIAL_PAUSE_US = 10000, BACKLOG = 4096 };

void bench_fail(const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    exit(1);
}

void bench_begin(void)
{
    struct rlimit files;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
}

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_un un;
};

static socklen_t resolve(union address *to, const char *address)
{
    if (address[0] != '/') {
        to->in = (struct sockaddr_in){.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)strtol(address, NULL, 10)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        return sizeof to->in;
    }
    to->un = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (snprintf(to->un.sun_path, sizeof to->un.sun_path, "%s", address) >= (int)sizeof to->un.sun_path) {
        errno = ENAMETOOLONG;
        bench_fail(address);
    }
    return sizeof to->un;
}

int bench_dial(const char *address, int type)
{
    union address to;
    socklen_t n = resolve(&to, address);
    int fd = socket(to.any.sa_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        bench_fail("socket");
    for (int i = 0; i < DIAL_TRIES; i++) {
        if (connect(fd, &to.any, n) == 0)
            return fd;
        (void)usleep(DIAL_PAUSE_US);
    }
    bench_fail(address);
}

int bench_listen(const char *path, int type)
{
    union address at;
    socklen_t n = resolve(&at, path);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &at.any, n) || chmod(path, 0666) || listen(fd, BACKLOG))
        bench_fail(path);
    return fd;
}

int64_t bench_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec spent;
    errno = clock_getcpuclockid(pid, &clock);
    if (errno || clock_gettime(clock, &spent))
        bench_fail("a server's processor time");
    return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}
