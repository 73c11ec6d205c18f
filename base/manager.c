// SPDX-License-Identifier: Apache-2.0
#include "base/manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

enum { PULSES = 4, UNWATCHED_MS = 3600000 };

static struct sockaddr_un manager_address;
static socklen_t manager_address_size; // 0: nobody listens
static int64_t manager_pulse_ns;       // 0: there is no watchdog
static int64_t manager_next_ns;

// A path, or '@' and a name of the abstract kind, whose first byte is NUL. sd_notify(3)
static socklen_t read_address(const char *text, struct sockaddr_un *address)
{
    size_t n = strlen(text);
    if ((text[0] != '/' && text[0] != '@') || n < 2 || n >= sizeof address->sun_path)
        return 0;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, text, n);
    if (text[0] == '/')
        n++;
    else
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

// WATCHDOG_PID is there where a wrapper of the program might take the watchdog for its own. sd_watchdog_enabled(3)
static int64_t read_pulse_ns(void)
{
    const char *limit = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
    int64_t limit_us = 0, pid = 0;
    if (!limit || str_to_i64(str_from(limit), &limit_us) || limit_us <= 0 || limit_us > INT64_MAX / 1000)
        return 0;
    if (whose && (str_to_i64(str_from(whose), &pid) || pid != getpid()))
        return 0;
    return limit_us * 1000 / PULSES;
}

// `flags`: MSG_DONTWAIT for what comes again.
static void say(const char *words, int flags)
{
    if (!manager_address_size)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ssize_t sent = fd < 0 ? -1
                          : sendto(fd, words, strlen(words), flags | MSG_NOSIGNAL,
                                   (const struct sockaddr *)&manager_address, manager_address_size);
    if (sent < 0)
        log_warning("cannot tell the service manager %s: %s", words, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
}

void manager_ready(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    manager_address_size = path ? read_address(path, &manager_address) : 0;
    manager_pulse_ns = manager_address_size ? read_pulse_ns() : 0;
    manager_next_ns = clock_mono_ns() + manager_pulse_ns;
    say("READY=1", 0);
}

void manager_alive(void)
{
    if (!manager_pulse_ns)
        return;
    int64_t now_ns = clock_mono_ns();
    if (now_ns < manager_next_ns)
        return;
    manager_next_ns = now_ns + manager_pulse_ns;
    say("WATCHDOG=1", MSG_DONTWAIT);
}

int64_t manager_pulse_ms(void)
{
    return manager_pulse_ns ? manager_pulse_ns / 1000000 + 1 : UNWATCHED_MS;
}

void manager_stopping(void)
{
    say("STOPPING=1", MSG_DONTWAIT);
}
