// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "emitter/emit_body.h"
#include "emitter/emit_core.h"
#include "emitter/emit_id.h"
#include "emitter/emit_ops.h"
#include "emitter/emit_queue.h"

enum trace_result trace_session_post(struct trace_session *s, const struct trace_message_spec *spec,
                                     struct trace_posted *out)
{
    char made[TRACE_ID_SIZE];
    struct trace_posted posted = {0};
    struct emit_closing closing = {0};
    enum trace_result result = TRACE_INVALID;
    struct emit_op *op = NULL;
    if (!s)
        goto out;
    trace_id_new(made, "cmi_");
    const char *client_id = spec->client_message_id ? spec->client_message_id : made;
    if (!*client_id || strlen(client_id) >= sizeof posted.client_message_id || emit_id_is(client_id, "msg_"))
        goto out;
    emit_buf_fit(posted.client_message_id, sizeof posted.client_message_id, client_id);
    result = TRACE_CLOSED;
    if (!emit_core_enter(s->emitter))
        goto out;
    result = TRACE_INVALID;
    const char *stream_id = spec->stream_id ? spec->stream_id : s->stream_id;
    if (!emit_id_is(stream_id, "str_"))
        goto leave;
    op = emit_queue_op(EMIT_OP_POST, "/api/workspaces/%s/streams/%s/messages", s->emitter->set.workspace, stream_id);
    op->client_message_id = emit_buf_copy(client_id);
    if (emit_body_post(&op->body, spec, s->id, client_id, &closing) != 0)
        goto leave;
    result = TRACE_ENDED;
    if (s->ended || s->ending)
        goto leave;
    s->emitter->stats.sources_dropped += closing.sources_dropped;
    result = emit_queue_put(s, op);
    op = NULL;
    if (result == TRACE_OK)
        emit_buf_fit(posted.message_id, sizeof posted.message_id, emit_ops_posted(s, client_id));
leave:
    emit_core_leave(s->emitter);
out:
    if (op)
        emit_queue_op_unref(op);
    if (out)
        *out = posted;
    return result;
}
