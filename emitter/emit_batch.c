// SPDX-License-Identifier: Apache-2.0
#include "emitter/emit_batch.h"

#include "emitter/emit_ops.h"

// Fewer writes are sent as fast one by one; more would hold back a heartbeat.
enum { LINES_LEAST = 8, LINES_MOST = 200, BYTES_MOST = 1048576 };

static size_t count(const struct trace_session *s)
{
    const struct emit_op *op;
    size_t n = 0, bytes = 0;
    STAILQ_FOREACH(op, &s->ops, next)
    {
        bytes += op->body.n;
        if (!emit_ops_is_step(op) || (op->step && op->step->lost) || n == LINES_MOST || bytes > BYTES_MOST)
            break;
        n++;
    }
    return n;
}

size_t emit_batch_print(struct trace_session *s, struct emit_buf *body)
{
    size_t n = s->singly ? 0 : count(s), left = n;
    if (n < LINES_LEAST)
        return 0;
    for (struct emit_op *op = STAILQ_FIRST(&s->ops); left > 0; op = STAILQ_NEXT(op, next), left--) {
        emit_ops_print(s, op, EMIT_FORM_LINE | (s->putting ? EMIT_FORM_PUT : 0u), body);
        emit_buf_text(body, "\n");
        if (op->attempts++ > 0)
            s->emitter->stats.repeated++;
    }
    return n;
}
