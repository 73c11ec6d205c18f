// SPDX-License-Identifier: Apache-2.0
#include "agent/jail.h"

#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>

static const int allowed[] = {SCMP_SYS(read),   SCMP_SYS(write),      SCMP_SYS(brk),
                              SCMP_SYS(munmap), SCMP_SYS(mremap),     SCMP_SYS(madvise),
                              SCMP_SYS(exit),   SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn)};

// Memory of no file that is not executable.
static int allow_memory(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)PROT_EXEC, 0),
                            SCMP_A3(SCMP_CMP_MASKED_EQ, (scmp_datum_t)MAP_ANONYMOUS, (scmp_datum_t)MAP_ANONYMOUS));
}

int jail_enter(void)
{
    if (JAIL_IS_OPEN)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -1;
    int result = allow_memory(filter);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? 0 : -1;
}
