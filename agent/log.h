/*
 * log: one line per event on standard error, `LEVEL trace-agent: message key=value`. Any thread may call it.
 */
#ifndef AGENT_LOG_H
#define AGENT_LOG_H

#include "agent/text.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_LEVEL__MAX };

/* The name as in TRACE_LOG_LEVEL; an unknown one is -1 and changes nothing. */
int log_set_level(const char *name) MUST_USE;
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
