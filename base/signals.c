// SPDX-License-Identifier: Apache-2.0
#include "base/signals.h"

#include <assert.h>
#include <stddef.h>
#include <sys/signalfd.h>

sigset_t signals_ending(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

void signals_block(void)
{
    sigset_t set = signals_ending();
    int blocked = sigprocmask(SIG_BLOCK, &set, NULL);
    assert(blocked == 0);
    (void)signal(SIGPIPE, SIG_IGN);
}

int signals_fd(void)
{
    sigset_t set = signals_ending();
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}
