// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/id.h"

static int read_whole(char secret[static SECRET_BYTES], int fd)
{
    char more;
    ssize_t n = read(fd, secret, SECRET_BYTES);
    if (n < 0)
        return -1;
    if (n == SECRET_BYTES && read(fd, &more, 1) == 0)
        return 0;
    errno = EINVAL;
    return -1;
}

static int read_file(char secret[static SECRET_BYTES], const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    int outcome = read_whole(secret, fd), why = errno;
    (void)close(fd);
    errno = why;
    return outcome;
}

static int write_file(const char *path)
{
    char secret[SECRET_BYTES];
    id_random(secret, sizeof secret);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, secret, sizeof secret);
    int why = n < 0 ? errno : ENOSPC;
    if (close(fd) == 0 && n == (ssize_t)sizeof secret)
        return 0;
    errno = why;
    return -1;
}

// Two may make one at the same time: link(2) fails for the second, which then reads what the first has made whole.
static int make_file(const char *path)
{
    char draft[PATH_MAX];
    uint32_t r;
    id_random(&r, sizeof r);
    int n = snprintf(draft, sizeof draft, "%s.%08x", path, r);
    if (n < 0 || n >= (int)sizeof draft) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (write_file(draft) == 0 && (link(draft, path) == 0 || errno == EEXIST))
        return unlink(draft);
    int why = errno;
    (void)unlink(draft);
    errno = why;
    return -1;
}

int secret_read(char secret[static SECRET_BYTES], const char *path)
{
    if (read_file(secret, path) == 0)
        return 0;
    if (errno != ENOENT || make_file(path) != 0)
        return -1;
    return read_file(secret, path);
}

// Times of files are those of the kernel's tick, of some milliseconds: a second is far more.
enum { SETTLED_S = 1 };

static bool is_same(const struct secret *kept, const struct stat *at)
{
    return kept->device == at->st_dev && kept->inode == at->st_ino && kept->changed.tv_sec == at->st_mtim.tv_sec &&
           kept->changed.tv_nsec == at->st_mtim.tv_nsec;
}

int secret_keep(struct secret *kept, const char *path)
{
    struct stat at = {0};
    int64_t now_s = clock_wall_us() / 1000000; // before the look, however long the reading takes
    bool is_there = lstat(path, &at) == 0;
    if (is_there && kept->is_settled && is_same(kept, &at))
        return 0;
    kept->is_settled = false;
    if (secret_read(kept->bytes, path))
        return -1;
    // What was put there between the look and the reading is known under the old file's name, and read again.
    kept->device = at.st_dev;
    kept->inode = at.st_ino;
    kept->changed = at.st_mtim;
    kept->is_settled = is_there && now_s - at.st_mtim.tv_sec > SETTLED_S;
    return 0;
}
