// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_notice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "emitter/emit_core.h"

static struct emit_notice *add(struct emit_notices *notices)
{
    struct emit_notice *n = emit_buf_new(sizeof *n);
    STAILQ_INSERT_TAIL(&notices->list, n, next);
    return n;
}

void emit_notice_line(struct emit_notices *notices, enum trace_log_level level, const char *format, ...)
{
    va_list args;
    if (notices->lines >= EMIT_NOTICES_MAX) {
        notices->lost++;
        return;
    }
    struct emit_notice *n = add(notices);
    notices->lines++;
    n->level = level;
    va_start(args, format);
    vsnprintf(n->text, sizeof n->text, format, args);
    va_end(args);
}

void emit_notice_ended(struct emit_notices *notices, const char *session_id, const char *status)
{
    struct emit_notice *n = add(notices);
    n->ending = true;
    emit_buf_fit(n->session_id, sizeof n->session_id, session_id);
    emit_buf_fit(n->text, sizeof n->text, status);
}

struct emit_notice *emit_notice_take(struct emit_notices *notices)
{
    if (STAILQ_EMPTY(&notices->list) && notices->lost) {
        size_t lost = notices->lost;
        notices->lost = 0;
        emit_notice_line(notices, TRACE_LOG_WARNING, "%zu lines were not kept", lost);
    }
    struct emit_notice *n = STAILQ_FIRST(&notices->list);
    if (!n)
        return NULL;
    STAILQ_REMOVE_HEAD(&notices->list, next);
    if (!n->ending)
        notices->lines--;
    return n;
}

void emit_notice_tell(struct emit_notice *n, const struct emit_settings *set)
{
    if (n->ending && set->on_ended)
        set->on_ended(set->user, n->session_id, n->text);
    else if (!n->ending && set->on_log)
        set->on_log(set->user, n->level, n->text);
    else if (!n->ending)
        fprintf(stderr, "agenttrace: %s\n", n->text);
    free(n);
}

bool emit_notice_worth(unsigned long long count)
{
    return count && (count & (count - 1)) == 0;
}
