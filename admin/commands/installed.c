// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/installed.h"

#include <limits.h>
#include <unistd.h>

void installed_path(struct buf *out, const char *name)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program);
    struct str path = {program, n > 0 ? (size_t)n : 0};
    for (int up = 0; up < 2; up++)
        while (path.n && path.p[--path.n] != '/')
            ;
    buf_str(out, path);
    buf_printf(out, "/share/agent-trace/%s", name);
    if (access(buf_cstr(out), R_OK) == 0)
        return;
    buf_clear(out);
    buf_printf(out, "%s/%s", TRACE_DATA_DIR, name);
}
