// SPDX-License-Identifier: Apache-2.0
#include "conf/supervise/stray.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"

// How long killed processes may take to disappear: giving back their memory takes time.
enum { GONE_TURNS = 400, GONE_TURN_US = 5000 };

static pid_t next_process(DIR *proc)
{
    for (struct dirent *entry; (entry = readdir(proc));)
        if (isdigit((unsigned char)entry->d_name[0]))
            return (pid_t)strtol(entry->d_name, NULL, 10);
    return 0;
}

// The parent of a process that still runs; 0 for a dead one.
static pid_t parent_of(pid_t pid)
{
    char path[32];
    char line[512];
    char state = 'Z';
    int parent = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t n = fread(line, 1, sizeof line - 1, file);
    (void)fclose(file);
    line[n] = '\0';
    // The name stands in parentheses and may contain any character, so count from its end.
    const char *after = strrchr(line, ')');
    if (!after || sscanf(after + 1, " %c %d", &state, &parent) != 2 || state == 'Z' || state == 'X')
        return 0;
    return (pid_t)parent;
}

static bool among(pid_t pid, const pid_t *known, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (known[i] == pid)
            return true;
    return false;
}

size_t stray_kill_children(const pid_t *known, size_t n)
{
    size_t alive = 0;
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    for (pid_t pid; (pid = next_process(proc));) {
        if (parent_of(pid) != getpid() || among(pid, known, n))
            continue;
        (void)kill(pid, SIGKILL);
        alive++;
    }
    (void)closedir(proc);
    return alive;
}

static bool holds(pid_t pid, const struct stat *mark)
{
    char path[32];
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *fds = opendir(path);
    if (!fds)
        return false;
    struct stat found_file;
    for (struct dirent *entry; !found && (entry = readdir(fds));)
        found = fstatat(dirfd(fds), entry->d_name, &found_file, 0) == 0 && found_file.st_dev == mark->st_dev &&
                found_file.st_ino == mark->st_ino;
    (void)closedir(fds);
    return found;
}

static size_t kill_holders(const struct stat *mark)
{
    size_t alive = 0;
    DIR *proc = opendir("/proc");
    if (!proc)
        return 0;
    for (pid_t pid; (pid = next_process(proc));) {
        if (pid == getpid() || !holds(pid, mark))
            continue;
        (void)kill(pid, SIGKILL);
        alive++;
    }
    (void)closedir(proc);
    return alive;
}

int stray_mark(const char *path)
{
    struct stat mark;
    size_t alive = 0;
    int fd = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW, 0600); // NOLINT(android-cloexec-open): to be inherited
    if (fd < 0 || fstat(fd, &mark)) {
        log_error("%s: %s", path, strerror(errno));
        return -1;
    }
    for (int turn = 0; turn < GONE_TURNS && (alive = kill_holders(&mark)) > 0; turn++) {
        if (turn == 0)
            log_warning("processes of an earlier run were still there and are killed: %zu", alive);
        (void)usleep(GONE_TURN_US);
    }
    if (alive)
        log_error("processes of an earlier run do not die: %zu", alive);
    return alive ? -1 : 0;
}
