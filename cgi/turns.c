// SPDX-License-Identifier: Apache-2.0
#include "cgi/turns.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// The locks of fcntl(2) belong to the process, and the kernel lifts them when it ends: byte N of a file in memory is
// turn N.
static int file = -1;

static int set_lock(int turn, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = turn, .l_len = 1};
    return fcntl(file, F_SETLK, &lock);
}

void turns_init(void)
{
    file = memfd_create("turns", MFD_CLOEXEC);
    if (file < 0)
        abort();
}

int turns_take(void)
{
    for (int turn = 0; turn < TURNS; turn++)
        if (set_lock(turn, F_WRLCK) == 0)
            return turn;
    return -1;
}

void turns_give(int turn)
{
    if (turn >= 0)
        (void)set_lock(turn, F_UNLCK);
}
