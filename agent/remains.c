// SPDX-License-Identifier: Apache-2.0
#include "agent/remains.h"

#include "base/log.h"
#include "base/manager.h"
#include "agent/percent.h"
#include "base/buf.h"

// Claiming a running session tells whose it is, and changes nothing.
static int end_one(struct trace_emitter *emitter, const char *session_id, const char *worker_id)
{
    struct trace_session *session = NULL;
    enum trace_result result = trace_session_claim(emitter, session_id, worker_id, &session);
    if (result == TRACE_OK) {
        result = trace_session_fail(session, "agent_crashed", "The agent crashed while it worked.");
        log_warning("ended a session that a crash left running id=%s result=%s", session_id, trace_result_name(result));
    }
    trace_session_free(session);
    return result == TRACE_AWAY || result == TRACE_CLOSED ? -1 : 0;
}

static int end_page(struct trace_emitter *emitter, const json_t *sessions, const char *worker_id)
{
    int result = 0;
    const char *id;
    for (size_t i = 0; i < json_array_size(sessions); i++) {
        id = json_string_value(json_object_get(json_array_get(sessions, i), "id"));
        manager_alive();
        if (id && end_one(emitter, id, worker_id) != 0)
            result = -1;
    }
    return result;
}

int remains_end(struct rest *rest, struct trace_emitter *emitter, const char *persona, const char *worker_id)
{
    struct buf path = {0};
    json_t *page = NULL;
    const char *before = NULL;
    int result = 0;
    do {
        buf_clear(&path);
        buf_lit(&path, "agent-sessions?status=running&limit=500&personaId=");
        percent_add(&path, persona);
        if (before) {
            buf_lit(&path, "&before=");
            percent_add(&path, before);
        }
        json_decref(page);
        if (rest_get(rest, buf_cstr(&path), &page) != REST_OK ||
            end_page(emitter, json_object_get(page, "sessions"), worker_id))
            result = -1;
        before = json_string_value(json_object_get(page, "nextBefore"));
    } while (result == 0 && before);
    json_decref(page);
    buf_fini(&path);
    return result;
}
