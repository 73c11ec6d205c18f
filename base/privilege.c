// SPDX-License-Identifier: Apache-2.0
#include "base/privilege.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void privilege_refuse_root(const char *program)
{
    if (geteuid() != 0 && getuid() != 0)
        return;
    fprintf(stderr, "%s: does not run as root; start it as another user: runuser -u agent-trace -- %s\n", program,
            program);
    exit(2);
}
