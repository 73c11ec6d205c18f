// SPDX-License-Identifier: Apache-2.0
#include "agent/self.h"

#include <unistd.h>

static char path[4096];

int self_init(void)
{
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return -1;
    path[n] = '\0';
    return 0;
}

const char *self_path(void)
{
    return path;
}
