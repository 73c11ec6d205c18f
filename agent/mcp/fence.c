// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CANNOT_START 126
#define NO_COMMAND 127

// Landlock's rights of files, of which those from REFER on came later, and what later kernels than our headers know.
#define READS (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define OF_FILES                                                                                                       \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE)
#define RIGHT_REFER (1ULL << 13)
#define RIGHT_TRUNCATE (1ULL << 14)
// The kernel takes an int from the lower half of a register, whatever the upper one holds.
#define INT_MASK 0xffffffffU
#define SCOPE_ABSTRACT_SOCKETS (1ULL << 0)
#define SCOPE_SIGNALS (1ULL << 1)

struct rules {
    uint64_t files, net, scoped;
};

// What every program needs: itself, its libraries, the settings of the machine. No home, no /run, no /var, no /tmp.
static const char *const usual[] = {"r/usr",
                                    "r/bin",
                                    "r/sbin",
                                    "r/lib",
                                    "r/lib64",
                                    "r/opt",
                                    "r/etc",
                                    "r/proc",
                                    "r/sys/fs",
                                    "r/sys/devices/system",
                                    "r/run/systemd/resolve",
                                    "w/dev/null",
                                    "r/dev/urandom",
                                    "r/dev/random",
                                    "r/dev/zero"};

// Looking into other processes, and what only changes the machine.
static const int refused[] = {SCMP_SYS(ptrace),
                              SCMP_SYS(process_vm_readv),
                              SCMP_SYS(process_vm_writev),
                              SCMP_SYS(pidfd_getfd),
                              SCMP_SYS(kcmp),
                              SCMP_SYS(bpf),
                              SCMP_SYS(perf_event_open),
                              SCMP_SYS(keyctl),
                              SCMP_SYS(add_key),
                              SCMP_SYS(request_key),
                              SCMP_SYS(mount),
                              SCMP_SYS(umount2),
                              SCMP_SYS(pivot_root),
                              SCMP_SYS(unshare),
                              SCMP_SYS(setns),
                              SCMP_SYS(userfaultfd),
                              SCMP_SYS(io_uring_setup)};

static int landlock_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool fence_exists(void)
{
    return landlock_version() > 0;
}

static uint64_t all_rights(int version)
{
    uint64_t rights = RIGHT_REFER - 1;
    return rights | (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0);
}

// -1 if a path that is needed is not there.
static int allow(int ruleset, const char *path, uint64_t rights, bool is_needed)
{
    struct stat about;
    int fd = open(path + 1, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        if (fd >= 0)
            close(fd);
        return is_needed ? -1 : 0;
    }
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    rule.allowed_access = path[0] == FENCE_WRITE ? rights : READS;
    if (!S_ISDIR(about.st_mode))
        rule.allowed_access &= OF_FILES & rights;
    long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
    return result == 0 ? 0 : -1;
}

static int restrict_files(char *const *paths)
{
    int version = landlock_version();
    if (version <= 0)
        return 0;
    uint64_t rights = all_rights(version);
    const struct rules rules = {.files = rights, .scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS};
    size_t size = version >= 6 ? sizeof rules : sizeof rules.files;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0)
        return -1;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        (void)allow(ruleset, usual[i], rights, false);
    for (; *paths; paths++)
        if (allow(ruleset, *paths, rights, true) != 0) {
            fprintf(stderr, "%s: %s\n", *paths + 1, strerror(errno));
            return -1;
        }
    return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

// unshare() and setns() are refused anyway. What clone3() is asked for stands in memory, where a filter cannot look;
// without it the C library asks clone().
static int refuse_namespaces(scmp_filter_ctx filter)
{
    static const scmp_datum_t kinds[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                         CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, kinds[i], kinds[i]));
    return result;
}

static int restrict_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return -1;
    // Programs of this machine listen at Unix sockets; a pair of them is a program's own.
    int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, INT_MASK, AF_UNIX));
    if (result == 0)
        result = refuse_namespaces(filter);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? 0 : -1;
}

int fence_become(char *const *paths, char *const *command)
{
    struct rlimit none = {0, 0};
    // It ends with the thread that started it, however that ended.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0 || chdir("/") != 0 || restrict_files(paths) != 0 || restrict_calls() != 0) {
        fprintf(stderr, "the program of a tool server could not be fenced in: %s\n", strerror(errno));
        return CANNOT_START;
    }
    execvp(command[0], command);
    fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
    return NO_COMMAND;
}
