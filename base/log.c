// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"

static const char *const names[LOG_LEVEL__MAX] = {"debug", "info", "warning", "error"};
static const char *log_program = "agent-trace";
static enum log_level log_least = LOG_INFO;
static bool log_has_priorities;

// systemd names the journal's socket by device and inode; standard error may lead elsewhere all the same.
// systemd.exec(5), JOURNAL_STREAM
static bool is_journal(void)
{
    const char *named = getenv("JOURNAL_STREAM");
    struct stat status;
    char found[64];
    if (!named || fstat(STDERR_FILENO, &status))
        return false;
    (void)snprintf(found, sizeof found, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(named, found) == 0;
}

void log_init(const char *program, enum log_level least)
{
    log_program = program;
    log_least = least;
    log_has_priorities = is_journal();
}

int log_level_named(const char *name)
{
    for (int i = 0; i < LOG_LEVEL__MAX; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

// sd-daemon(3): the priorities of syslog.
static void begin_line(struct buf *line, enum log_level level)
{
    static const char *const priorities[LOG_LEVEL__MAX] = {"<7>", "<6>", "<4>", "<3>"};
    if (log_has_priorities)
        buf_str(line, str_from(priorities[level]));
}

static void end_line(struct buf *line)
{
    buf_char(line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line->p, line->n);
    (void)ignored;
    buf_fini(line);
}

void log_json(struct str object)
{
    int saved = errno;
    struct buf line = {0};
    begin_line(&line, LOG_INFO);
    buf_str(&line, object);
    end_line(&line);
    errno = saved;
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level < log_least)
        return;
    int saved = errno;
    struct buf line = {0};
    begin_line(&line, level);
    clock_print(&line, clock_wall_us());
    buf_printf(&line, " %s %s[%d]: ", names[level], log_program, (int)getpid());
    size_t text = line.n;
    va_list args;
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    // A message of libpq may have several lines, but an event is one line of the log.
    while (line.n > text && line.p[line.n - 1] == '\n')
        line.n--;
    for (size_t i = text; i < line.n; i++)
        if ((unsigned char)line.p[i] < 0x20)
            line.p[i] = ' ';
    end_line(&line);
    errno = saved;
}
