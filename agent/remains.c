#include "agent/remains.h"

#include "agent/log.h"

/* Claiming what is running answers whose it is, and changes nothing. */
static int end_one(struct trace_emitter *emitter, const char *session_id, const char *worker_id)
{
    struct trace_session *session = NULL;
    enum trace_result result = trace_session_claim(emitter, session_id, worker_id, &session);

    if (result == TRACE_OK) {
        result = trace_session_fail(session, "agent_crashed", "The agent crashed while it worked.");
        log_write(LOG_WARNING, "ended what a crash left id=%s result=%s", session_id, trace_result_name(result));
    }
    trace_session_free(session);
    return result == TRACE_AWAY || result == TRACE_CLOSED ? -1 : 0;
}

static int end_page(struct trace_emitter *emitter, const json_t *sessions, const char *worker_id)
{
    const char *id;
    int result = 0;

    for (size_t i = 0; i < json_array_size(sessions); i++) {
        id = json_string_value(json_object_get(json_array_get(sessions, i), "id"));
        if (id != NULL && end_one(emitter, id, worker_id) != 0)
            result = -1;
    }
    return result;
}

int remains_end(struct rest *rest, struct trace_emitter *emitter, const char *persona, const char *worker_id)
{
    struct text path = {0};
    json_t *page = NULL;
    const char *before = NULL;
    int result = 0;

    do {
        text_clear(&path);
        text_adds(&path, "agent-sessions?status=running&limit=500&personaId=");
        text_add_encoded(&path, persona);
        if (before != NULL) {
            text_adds(&path, "&before=");
            text_add_encoded(&path, before);
        }
        json_decref(page);
        if (rest_get(rest, path.p, &page) != REST_OK || end_page(emitter, json_object_get(page, "sessions"), worker_id))
            result = -1;
        before = json_string_value(json_object_get(page, "nextBefore"));
    } while (result == 0 && before != NULL);
    json_decref(page);
    text_fini(&path);
    return result;
}
