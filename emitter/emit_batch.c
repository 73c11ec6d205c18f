#include "emitter/emit_batch.h"

#include "emitter/emit_json.h"
#include "emitter/emit_ops.h"

/* Fewer are sent as fast singly; more would hold back a heartbeat. */
enum { LINES_LEAST = 8, LINES_MOST = 200, BYTES_MOST = 1048576 };

static const char *name_of(enum emit_op_kind kind)
{
    static const char *const names[EMIT_OP__MAX] = {
        [EMIT_OP_START] = "start", [EMIT_OP_COMPLETE] = "complete", [EMIT_OP_RECORD] = "record"};
    return names[kind];
}

static size_t count(const struct trace_session *s)
{
    const struct emit_op *op;
    size_t n = 0, bytes = 0;
    STAILQ_FOREACH(op, &s->ops, next)
    {
        bytes += op->body.n;
        if (!name_of(op->kind) || (op->step && op->step->lost) || n == LINES_MOST || bytes > BYTES_MOST)
            break;
        n++;
    }
    return n;
}

/* The op's own body is an object: its members follow ours. */
static void print_line(struct trace_session *s, struct emit_op *op, struct emit_buf *body)
{
    emit_ops_refer(s, op);
    emit_json_open(body);
    emit_json_text(body, "op", name_of(op->kind));
    if (op->kind == EMIT_OP_COMPLETE)
        emit_json_text(body, "id", op->step->id);
    if (op->body.n > 2)
        emit_buf_text(body, ",");
    emit_buf_add(body, op->body.p + 1, op->body.n - 1);
    emit_buf_text(body, "\n");
}

size_t emit_batch_print(struct trace_session *s, struct emit_buf *body)
{
    size_t n = s->singly ? 0 : count(s), left = n;
    if (n < LINES_LEAST)
        return 0;
    for (struct emit_op *op = STAILQ_FIRST(&s->ops); left > 0; op = STAILQ_NEXT(op, next), left--) {
        print_line(s, op, body);
        if (op->attempts++ > 0)
            s->emitter->stats.repeated++;
    }
    return n;
}
