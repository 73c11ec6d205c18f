// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/test_emitter_model.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emitter/agenttrace.h"
#include "emitter/emit_buf.h"

// A session that is "lost" was failed by the server, and runs again for a put or a heartbeat.
// state: {"sessions": {id: {id, status, streamId?, workerId?, heartbeats, steps: [step]}}, "messages": [message]}
// step: what was sent, and status, live (the text as a pusher has it), stored, progress (calls), holes.
struct model {
    json_t *state, *sessions, *messages;
    struct emit_buf log;
    int breaches;
};

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof *m);
    m->state = json_pack("{s:{}, s:[]}", "sessions", "messages");
    m->sessions = json_object_get(m->state, "sessions");
    m->messages = json_object_get(m->state, "messages");
    emit_buf_text(&m->log, "");
    return m;
}

void model_free(struct model *m)
{
    json_decref(m->state);
    emit_buf_fini(&m->log);
    free(m);
}

json_t *model_state(struct model *m)
{
    return m->state;
}

const char *model_log(struct model *m)
{
    return m->log.p;
}

int model_breaches(const struct model *m)
{
    return m->breaches;
}

void model_forgive(struct model *m, int breaches)
{
    m->breaches = breaches;
}

static void breach(struct model *m, const char *what, const char *body)
{
    m->breaches++;
    fprintf(stderr, "# breach: %s: %.200s\n", what, body);
}

static void note(struct model *m, const char *word)
{
    if (m->log.n)
        emit_buf_text(&m->log, " ");
    emit_buf_text(&m->log, word);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static struct model_answer answer(int status, const char *name, json_t *value)
{
    json_t *body = json_pack("{s:O}", name, value);
    struct model_answer a = {.status = status, .body = json_dumps(body, JSON_COMPACT)};
    json_decref(body);
    return a;
}

static struct model_answer problem(int status, const char *code, const char *session_status)
{
    json_t *body = json_pack("{s:i, s:s, s:s, s:s*}", "status", status, "code", code, "detail", "no", "sessionStatus",
                             session_status);
    struct model_answer a = {.status = status, .body = json_dumps(body, JSON_COMPACT)};
    json_decref(body);
    return a;
}

static struct model_answer session_ended(const json_t *session)
{
    const char *status = text_of(session, "status");
    return problem(409, "session_ended", strcmp(status, "lost") == 0 ? "failed" : status);
}

static int is_running(const json_t *session)
{
    return strcmp(text_of(session, "status"), "running") == 0;
}

static json_t *add_session(struct model *m, const char *id, const char *stream_id, const char *status)
{
    json_t *s = json_pack("{s:s, s:s, s:i, s:[], s:s*}", "id", id, "status", status, "heartbeats", 0, "steps",
                          "streamId", *stream_id ? stream_id : NULL);
    json_object_set_new(m->sessions, id, s);
    return s;
}

void model_set_status(struct model *m, const char *id, const char *status)
{
    json_object_set_new(json_object_get(m->sessions, id), "status", json_string(status));
}

void model_add_pending(struct model *m, const char *id, const char *stream_id)
{
    add_session(m, id, stream_id, "pending");
}

static json_t *find_step(const json_t *session, const char *id)
{
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(session, "steps"), i,
                       step) if (strcmp(text_of(step, "id"), id) == 0) return step;
    return NULL;
}

static struct model_answer create(struct model *m, const json_t *body)
{
    const char *id = text_of(body, "id");
    json_t *s = json_object_get(m->sessions, id);
    if (s)
        return answer(200, "session", s);
    note(m, "create");
    return answer(201, "session", add_session(m, id, text_of(body, "streamId"), "running"));
}

static struct model_answer claim(struct model *m, json_t *s, const json_t *body)
{
    const char *worker = text_of(body, "workerId");
    if (strcmp(text_of(s, "workerId"), worker) == 0)
        return answer(200, "session", s);
    if (strcmp(text_of(s, "status"), "pending") != 0)
        return problem(409, "already_claimed", NULL);
    json_object_set_new(s, "status", json_string("running"));
    json_object_set_new(s, "workerId", json_string(worker));
    note(m, "claim");
    return answer(200, "session", s);
}

static struct model_answer start(struct model *m, json_t *s, json_t *body)
{
    json_t *step = find_step(s, text_of(body, "id"));
    const char *parent = text_of(body, "parentStepId");
    int whole = json_is_true(json_object_get(body, "completed"));
    if (step)
        return answer(200, "step", step);
    if (!is_running(s))
        return session_ended(s);
    if (strcmp(text_of(body, "stepType"), "not_taken") == 0)
        return problem(400, "invalid_body", NULL);
    if (*parent && !find_step(s, parent))
        return problem(400, "invalid_body", NULL);
    step = json_deep_copy(body);
    json_object_set_new(step, "status", json_string(whole ? "completed" : "running"));
    json_object_set_new(step, "live", json_string(""));
    json_object_set_new(step, "progress", json_integer(0));
    json_object_set_new(step, "holes", json_integer(0));
    json_array_append_new(json_object_get(s, "steps"), step);
    note(m, whole ? "record" : "start");
    return answer(201, "step", step);
}

static struct model_answer complete(struct model *m, json_t *s, json_t *step, json_t *body)
{
    if (!step)
        return problem(404, "not_found", NULL);
    if (strcmp(text_of(step, "status"), "running") != 0)
        return answer(200, "step", step);
    if (!is_running(s))
        return session_ended(s);
    json_object_update(step, body);
    json_object_set_new(step, "status", json_string(json_object_get(body, "error") ? "failed" : "completed"));
    note(m, "complete");
    return answer(200, "step", step);
}

static void reopen(struct model *m, json_t *s)
{
    if (strcmp(text_of(s, "status"), "lost") != 0)
        return;
    json_object_set_new(s, "status", json_string("running"));
    note(m, "reopen");
}

// An ended session takes the ends of its steps only: that a start came hardly after the end is not modelled.
static struct model_answer put(struct model *m, json_t *s, const char *id, json_t *body)
{
    json_t *step = find_step(s, id);
    bool ends = json_is_true(json_object_get(body, "completed")) || json_object_get(body, "error");
    bool is_open = step && strcmp(text_of(step, "status"), "running") == 0;
    reopen(m, s);
    if (!step && !*text_of(body, "stepType"))
        return problem(400, "invalid_body", NULL);
    if (!is_running(s) && !(is_open && ends))
        return session_ended(s);
    if (!step)
        return start(m, s, body);
    if (!is_open || !ends)
        return answer(200, "step", step);
    json_object_update(step, body);
    json_object_set_new(step, "status", json_string(json_object_get(body, "error") ? "failed" : "completed"));
    note(m, "complete");
    return answer(200, "step", step);
}

static void add(json_t *object, const char *name, int n)
{
    json_object_set_new(object, name, json_integer(json_integer_value(json_object_get(object, name)) + n));
}

// As the pusher: a delta at the end is appended, its overlap cut off, beyond a hole it is ignored.
static void take_delta(struct model *m, json_t *step, const char *delta, size_t offset)
{
    struct emit_buf live = {0};
    emit_buf_text(&live, text_of(step, "live"));
    if (offset > live.n) {
        add(step, "holes", 1);
    } else if (offset + strlen(delta) > live.n) {
        emit_buf_text(&live, delta + (live.n - offset));
        if (json_object_set_new(step, "live", json_string(live.p)) != 0)
            breach(m, "a delta splits a code point", delta);
    }
    emit_buf_fini(&live);
}

static struct model_answer progress(struct model *m, json_t *s, json_t *step, json_t *body)
{
    json_t *content = json_object_get(body, "content"), *delta = json_object_get(body, "delta");
    if (!step) {
        breach(m, "progress of a step that did not start", "");
        return problem(404, "not_found", NULL);
    }
    if (strcmp(text_of(step, "status"), "running") != 0)
        breach(m, "progress after the completion", text_of(step, "id"));
    if (!is_running(s) || strcmp(text_of(step, "status"), "running") != 0)
        return (struct model_answer){.status = 202};
    if (json_is_string(content))
        json_object_set(step, "live", content);
    else if (json_is_string(delta))
        take_delta(m, step, json_string_value(delta), (size_t)json_integer_value(json_object_get(body, "offset")));
    else
        breach(m, "progress without text", "");
    add(step, "progress", 1);
    if (json_is_true(json_object_get(body, "checkpoint"))) {
        if (!json_is_string(content))
            breach(m, "checkpoint without content", "");
        json_object_set(step, "stored", content);
    }
    return (struct model_answer){.status = 202};
}

static struct model_answer heartbeat(struct model *m, json_t *s)
{
    reopen(m, s);
    if (!is_running(s))
        return session_ended(s);
    add(s, "heartbeats", 1);
    return (struct model_answer){.status = 204};
}

static struct model_answer end(struct model *m, json_t *s, const json_t *body, const char *verb)
{
    const char *status = strcmp(verb, "complete") == 0 ? "completed"
                         : strcmp(verb, "fail") == 0   ? "failed"
                                                       : "cancelled";
    if (strcmp(text_of(s, "status"), status) == 0)
        return answer(200, "session", s);
    if (!is_running(s))
        return session_ended(s);
    json_object_set_new(s, "status", json_string(status));
    if (json_object_get(body, "responseMessageId"))
        json_object_set(s, "responseMessageId", json_object_get(body, "responseMessageId"));
    note(m, status);
    return answer(200, "session", s);
}

static struct model_answer do_line(struct model *m, json_t *s, json_t *line)
{
    if (strcmp(text_of(line, "op"), "put") == 0)
        return put(m, s, text_of(line, "id"), line);
    if (strcmp(text_of(line, "op"), "complete") == 0)
        return complete(m, s, find_step(s, text_of(line, "id")), line);
    if (strcmp(text_of(line, "op"), "record") == 0)
        json_object_set_new(line, "completed", json_true());
    return start(m, s, line);
}

// All or nothing: what a refused line leaves is taken back.
static struct model_answer batch(struct model *m, json_t *s, const char *text)
{
    json_t *before = json_deep_copy(s);
    size_t log = m->log.n;
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        json_t *line = json_loadb(text, (size_t)(end - text), 0, NULL);
        struct model_answer a = line ? do_line(m, s, line) : problem(400, "invalid_body", NULL);
        json_decref(line);
        if (a.status >= 300) {
            json_object_update(s, before);
            json_decref(before);
            emit_buf_cut(&m->log, log);
            return a;
        }
        free(a.body);
    }
    json_decref(before);
    return (struct model_answer){.status = 200};
}

static struct model_answer post(struct model *m, const char *stream_id, const json_t *body)
{
    size_t i;
    json_t *message;
    char id[TRACE_ID_SIZE];
    json_array_foreach(m->messages, i,
                       message) if (strcmp(text_of(message, "clientMessageId"), text_of(body, "clientMessageId")) ==
                                    0) return answer(200, "message", message);
    trace_id_new(id, "msg_");
    message = json_deep_copy(body);
    json_object_set_new(message, "id", json_string(id));
    json_object_set_new(message, "streamId", json_string(stream_id));
    json_array_append_new(m->messages, message);
    note(m, "post");
    return answer(201, "message", message);
}

static struct model_answer of_session(struct model *m, json_t *s, const char *rest, json_t *body)
{
    char step_id[64] = "", verb[32] = "";
    if (!s)
        return problem(404, "not_found", NULL);
    if (sscanf(rest, "steps/%63[^/]/%31s", step_id, verb) == 2) {
        json_t *step = find_step(s, step_id);
        return strcmp(verb, "progress") == 0 ? progress(m, s, step, body) : complete(m, s, step, body);
    }
    if (strcmp(rest, "steps") == 0)
        return start(m, s, body);
    if (strcmp(rest, "heartbeat") == 0)
        return heartbeat(m, s);
    if (strcmp(rest, "claim") == 0)
        return claim(m, s, body);
    return end(m, s, body, rest);
}

struct model_answer model_do(struct model *m, const char *method, const char *path, const char *text)
{
    char workspace[64], id[64], rest[192] = "";
    struct model_answer a = {.status = 404};
    if (sscanf(path, "/api/workspaces/%63[^/]/agent-sessions/%63[^/]/%191s", workspace, id, rest) == 3 &&
        strcmp(rest, "batch") == 0)
        return batch(m, json_object_get(m->sessions, id), text);
    json_t *body = *text ? json_loads(text, 0, NULL) : json_object();
    bool is_put = strcmp(method, "PUT") == 0;
    if (!body || (!is_put && strcmp(method, "POST") != 0)) {
        breach(m, "neither a POST nor a PUT of JSON", text);
        json_decref(body);
        return (struct model_answer){.status = 400};
    }
    char step_id[64];
    if (is_put) {
        if (sscanf(path, "/api/workspaces/%63[^/]/agent-sessions/%63[^/]/steps/%63[^/]", workspace, id, step_id) != 3)
            breach(m, "no such path", path);
        else if (json_object_get(m->sessions, id))
            a = put(m, json_object_get(m->sessions, id), step_id, body);
    } else if (sscanf(path, "/api/workspaces/%63[^/]/streams/%63[^/]/messages", workspace, id) == 2)
        a = post(m, id, body);
    else if (sscanf(path, "/api/workspaces/%63[^/]/agent-sessions/%63[^/]/%191s", workspace, id, rest) == 3)
        a = of_session(m, json_object_get(m->sessions, id), rest, body);
    else if (sscanf(path, "/api/workspaces/%63[^/]/agent-sessions", workspace) == 1)
        a = create(m, body);
    else
        breach(m, "no such path", path);
    json_decref(body);
    return a;
}
