// SPDX-License-Identifier: Apache-2.0
// Notices for the program: log lines and endings. They are collected under the lock, and the sending thread passes them
// on without it. Lines beyond EMIT_NOTICES_MAX are not kept; endings are, at most one for each session.
#ifndef EMITTER_EMIT_NOTICE_H
#define EMITTER_EMIT_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "emitter/agenttrace.h"

#define EMIT_NOTICES_MAX 256

struct emit_notice {
    STAILQ_ENTRY(emit_notice) next;
    bool ending;
    enum trace_log_level level;
    char session_id[TRACE_ID_SIZE];
    char text[512]; // the line, or the status
};

struct emit_notices {
    STAILQ_HEAD(, emit_notice) list;
    size_t lines, lost;
};

struct emit_settings;

void emit_notice_line(struct emit_notices *notices, enum trace_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void emit_notice_ended(struct emit_notices *notices, const char *session_id, const char *status);

// Takes the oldest notice, which the caller passes on and frees; NULL if there is none.
struct emit_notice *emit_notice_take(struct emit_notices *notices);

// Calls the program, and frees the notice. Without the lock.
void emit_notice_tell(struct emit_notice *notice, const struct emit_settings *set);

// True for counts that are worth a line: 1, 2, 4, 8 … of the same kind.
bool emit_notice_worth(unsigned long long count);

#endif
