// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/child.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "agent/jail.h"
#include "agent/mask.h"
#include "agent/mcp/fence.h"
#include "agent/self.h"
#include "base/log.h"
#include "base/utf8.h"

static const char *const usual[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/"};

static size_t count(char *const *words)
{
    size_t n = 0;
    while (words && words[n])
        n++;
    return n;
}

// The words of execve(2); the strings stay their owner's, the array is the caller's.
static char **words_of(size_t n)
{
    return mem_zero((n + 1) * sizeof(char *));
}

static bool is_set(char *const *environment, const char *pair)
{
    size_t n = strcspn(pair, "=") + 1;
    for (; environment && *environment; environment++)
        if (strncmp(*environment, pair, n) == 0)
            return true;
    return false;
}

static char **environment_of(const struct server *server)
{
    char **words = words_of(sizeof usual / sizeof usual[0] + count(server->environment));
    size_t n = 0;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (!is_set(server->environment, usual[i]))
            words[n++] = (char *)(uintptr_t)usual[i];
    for (char **pair = server->environment; pair && *pair; pair++)
        words[n++] = *pair;
    return words;
}

// A path's first letter says what may be done with it.
static void add_paths(char **words, size_t *n, char *const *paths, char may)
{
    struct buf word = {0};
    for (; paths && *paths; paths++) {
        buf_printf(&word, "%c%s", may, *paths);
        words[(*n)++] = buf_take(&word);
    }
}

int child_spawn(const struct server *server, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, pid_t *pid)
{
    static char option[] = CHILD_OPTION, end[] = "--";
    size_t paths = count(server->reads) + count(server->writes), n = 2;
    char **environment = environment_of(server), **words = words_of(paths + 3 + count(server->command));
    words[0] = (char *)(uintptr_t)self_path();
    words[1] = option;
    add_paths(words, &n, server->reads, FENCE_READ);
    add_paths(words, &n, server->writes, FENCE_WRITE);
    words[n++] = end;
    for (char **word = server->command; *word; word++)
        words[n++] = *word;
    int failed = posix_spawn(pid, self_path(), actions, attributes, words, environment);
    for (size_t i = 2; i < 2 + paths; i++)
        free(words[i]);
    free((void *)words);
    free((void *)environment);
    return failed == 0 ? 0 : -1;
}

void child_complain(const char *server, struct str complaint, bool may_be_told)
{
    struct buf words = {0};
    utf8_mend(&words, complaint);
    for (size_t i = 0; i < words.n; i++)
        if ((unsigned char)words.p[i] < ' ')
            words.p[i] = ' ';
    char *masked = mask_string(buf_cstr(&words));
    log_warning("the program of a tool server ended server=%s complaint=\"%s\"", server,
                may_be_told ? masked : "(see the level debug)");
    if (!may_be_told)
        log_debug("the program of a tool server had said server=%s complaint=\"%s\"", server, masked);
    free(masked);
    buf_fini(&words);
}

void child_prepare(void)
{
    // A sanitizer looks into its own process, and may not be kept from it.
    if (!JAIL_IS_OPEN)
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!fence_exists())
        log_warning("the kernel has no Landlock: programs of tool servers may read whatever the agent may");
}

int child_become(char **arguments)
{
    char **command = arguments;
    while (*command && strcmp(*command, "--") != 0)
        command++;
    if (!*command || !command[1])
        return 2;
    *command++ = NULL;
    return fence_become(arguments, command);
}
