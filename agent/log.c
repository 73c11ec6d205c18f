#include "agent/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[LOG_LEVEL__MAX] = {"error", "warning", "info", "debug"};
static _Atomic int level_limit = LOG_INFO;

int log_set_level(const char *name)
{
    for (int i = 0; i < LOG_LEVEL__MAX; i++)
        if (strcmp(name, level_names[i]) == 0) {
            level_limit = i;
            return 0;
        }
    return -1;
}

void log_write(enum log_level level, const char *format, ...)
{
    char line[1024];
    va_list args;
    int head, body;
    size_t n;

    if ((int)level > level_limit)
        return;
    head = snprintf(line, sizeof line, "%s trace-agent: ", level_names[level]);
    va_start(args, format);
    body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
    va_end(args);
    n = (size_t)head + (body > 0 ? (size_t)body : 0);
    if (n > sizeof line - 2)
        n = sizeof line - 2;
    /* What strangers wrote (an error text of the model) must not forge a line. */
    for (size_t i = 0; i < n; i++)
        if (iscntrl((unsigned char)line[i]))
            line[i] = ' ';
    line[n++] = '\n';
    (void)!write(STDERR_FILENO, line, n);
}
