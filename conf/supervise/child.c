// SPDX-License-Identifier: Apache-2.0
#include "conf/supervise/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/log.h"

// A log that is longer than this is set aside as NAME.log.1 when its program starts.
enum { LOG_BYTES = 8 << 20 };

static int open_log(const struct program *program, const char *base)
{
    struct buf path = {0};
    struct buf aside = {0};
    struct stat found;
    buf_printf(&path, "%s/logs/%s.log", base, program->name);
    buf_printf(&aside, "%s/logs/%s.log.1", base, program->name);
    if (lstat(buf_cstr(&path), &found) == 0 && found.st_size > LOG_BYTES && rename(buf_cstr(&path), buf_cstr(&aside)))
        log_warning("%s: %s", buf_cstr(&path), strerror(errno));
    int fd = open(buf_cstr(&path), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        log_error("%s: %s", buf_cstr(&path), strerror(errno));
    buf_fini(&path);
    buf_fini(&aside);
    return fd;
}

// The file is renamed into place, so that a reader finds the old number or the new one, never half of one.
static void write_pid(const struct program *program, const char *base, pid_t pid)
{
    struct buf path = {0};
    struct buf fresh = {0};
    buf_printf(&path, "%s/pids/%s.pid", base, program->name);
    buf_printf(&fresh, "%s/pids/%s.pid.new", base, program->name);
    int fd = open(buf_cstr(&fresh), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0 || dprintf(fd, "%d\n", (int)pid) < 0 || rename(buf_cstr(&fresh), buf_cstr(&path)))
        log_error("%s: %s", buf_cstr(&path), strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    buf_fini(&path);
    buf_fini(&fresh);
}

static void __attribute__((noreturn)) give_up(const char *what)
{
    dprintf(STDERR_FILENO, "cannot start: %s: %s\n", what, strerror(errno));
    _exit(127);
}

static void become(const struct passwd *user)
{
    if (initgroups(user->pw_name, user->pw_gid) || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
        give_up(user->pw_name);
    if (setenv("USER", user->pw_name, 1) || setenv("LOGNAME", user->pw_name, 1) || setenv("HOME", "/", 1))
        give_up("environment");
}

static void enter(const char *netns)
{
    int fd = open(netns, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET))
        give_up(netns);
    (void)close(fd);
}

static void tie_to(pid_t supervisor, int death_signal)
{
    if (prctl(PR_SET_PDEATHSIG, death_signal))
        give_up("parent's death");
    // The supervisor may have died before the call above.
    if (getppid() != supervisor)
        _exit(127);
}

static void __attribute__((noreturn))
run(const struct program *program, const char *base, const struct passwd *user, int log, pid_t supervisor)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)setpgid(0, 0);
    int empty = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (empty < 0 || dup2(empty, STDIN_FILENO) < 0)
        give_up("/dev/null");
    if (log >= 0 && (dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0))
        give_up("log");
    // Both come before the change of user. Without the superuser's rights the program runs as the others do; what it
    // starts does not inherit the priority.
    const struct sched_param priority = {.sched_priority = program->realtime};
    if (program->realtime && sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority) && errno != EPERM)
        give_up("realtime");
    if (program->netns)
        enter(program->netns);
    if (user)
        become(user);
    // This comes after the change of user, which clears the signal at the parent's death.
    tie_to(supervisor, program->death_signal);
    if (user && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        give_up("no new privileges");
    if (chdir(base))
        give_up(base);
    (void)umask(user ? 027 : 077);
    if (program->remove && unlink(program->remove) && errno != ENOENT)
        give_up(program->remove);
    for (size_t i = 0; i < program->env.n; i++)
        if (putenv(program->env.v[i]))
            give_up("environment");
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execv(program->argv.v[0], program->argv.v);
    give_up(program->argv.v[0]);
}

pid_t child_start(const struct program *program, const char *base)
{
    const struct passwd *user = NULL;
    int log = -1;
    pid_t supervisor = getpid();
    if (program->user && !(user = getpwnam(program->user))) {
        log_error("%s: there is no user %s", program->name, program->user);
        return -1;
    }
    if (!program->task && (log = open_log(program, base)) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        run(program, base, user, log, supervisor);
    if (pid < 0)
        log_error("%s: fork: %s", program->name, strerror(errno));
    if (log >= 0)
        (void)close(log);
    if (pid < 0)
        return -1;
    // The child does the same: whichever comes first, the group exists before anything relies on it.
    (void)setpgid(pid, pid);
    if (!program->task)
        write_pid(program, base, pid);
    return pid;
}

void child_forget(const struct program *program, const char *base)
{
    struct buf path = {0};
    buf_printf(&path, "%s/pids/%s.pid", base, program->name);
    (void)unlink(buf_cstr(&path));
    buf_fini(&path);
}
