// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/beside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/log.h"

pid_t beside_start(const char *not_done, void (*work)(void))
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0)
        log_error("%s, as no process can be made: %s", not_done, strerror(errno));
    if (child != 0)
        return child;
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent)
        work();
    _exit(0);
}
