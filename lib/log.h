// One line per event on standard error: "error trace-pusher: cannot reach the database reason=\"…\"".
// Never content, never secrets. Where a failure is detected it is logged, once.
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/must.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_LEVEL__MAX };

// `program` is kept, not copied.
void log_init(const char *program, enum log_level least);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

// The level of that name, or -1.
int log_level_named(const char *name);

#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
