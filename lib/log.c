#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "lib/buf.h"
#include "lib/clock.h"

static const char *const names[LOG_LEVEL__MAX] = {"debug", "info", "warning", "error"};
static const char *log_program = "agent-trace";
static enum log_level log_least = LOG_INFO;

void log_init(const char *program, enum log_level least)
{
    log_program = program;
    log_least = least;
}

int log_level_named(const char *name)
{
    for (int i = 0; i < LOG_LEVEL__MAX; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level < log_least)
        return;
    int saved = errno;
    struct buf line = {0};
    clock_print(&line, clock_wall_us());
    buf_printf(&line, " %s %s[%d]: ", names[level], log_program, (int)getpid());
    size_t text = line.n;
    va_list args;
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    // A message of libpq may have several lines; an event of ours has one.
    while (line.n > text && line.p[line.n - 1] == '\n')
        line.n--;
    for (size_t i = text; i < line.n; i++)
        if ((unsigned char)line.p[i] < 0x20)
            line.p[i] = ' ';
    buf_char(&line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line.p, line.n);
    (void)ignored;
    buf_fini(&line);
    errno = saved;
}
