// SPDX-License-Identifier: Apache-2.0
// The log: one line for each event on standard error, "2026-11-22T08:04:53.123Z error trace-pusher[1234]: what
// happened: why". Content and secrets are never logged. A failure is logged once, where it is detected.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"
#include "base/must.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_LEVEL__MAX };

// `program` is kept, not copied.
void log_init(const char *program, enum log_level least);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

// A line for programs to read: a JSON object without line ends, and nothing before it but the journal's priority.
// Whoever wants it has said so: it does not depend on the least level.
void log_json(struct str object);

// The level of that name, or -1.
int log_level_named(const char *name);

#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
