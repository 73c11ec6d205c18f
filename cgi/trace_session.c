// SPDX-License-Identifier: Apache-2.0
// What happens to a session as a whole: created, claimed, kept alive, ended, tried again.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "cgi/trace_session_body.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/ending.h"

// A session's place in the database is found by the time in its id (migrations/functions/partitions.sql).
static const int64_t ID_SKEW_MS = INT64_C(24) * 3600 * 1000;

enum { WORKER_MAX = 200, CODE_MAX = 64, MESSAGE_MAX = 4000, HEARTBEAT_MAX = 64 };

static const char *new_id(struct request *r, const char *prefix)
{
    char id[ID_SIZE];
    id_new(id, prefix);
    return request_keep(r, str_from(id));
}

// The reply to a change of a session, and the event of one that was done now. `status` is that of a success; `conflict`
// says what forbids the change.
static int reply_seen(struct request *r, enum store_outcome outcome, const struct store_session_seen *seen,
                      enum notify_event event, int status,
                      int (*conflict)(struct request *r, const struct store_session_seen *seen))
{
    if (outcome == STORE_CONFLICT)
        return conflict(r, seen);
    if (outcome != STORE_OK && outcome != STORE_WRITTEN)
        return reply_refusal(r, outcome);
    if (outcome == STORE_WRITTEN)
        notify_session_event(r->worker->bus, event, &seen->change);
    jw_open(&r->out, '{');
    jw_key(&r->out, "session");
    notify_session_print(&r->out, seen->session, seen->metadata);
    jw_close(&r->out, '}');
    return status;
}

// The same for an answer that store_session_read() reads, which it consumes.
static int reply(struct request *r, struct store_answer *take_answer, enum notify_event event, int status,
                 int (*conflict)(struct request *r, const struct store_session_seen *seen))
{
    struct store_session_seen seen;
    store_session_read(take_answer, &seen);
    status = reply_seen(r, take_answer->outcome, &seen, event, status, conflict);
    store_answer_fini(take_answer);
    return status;
}

static int session_running(struct request *r, struct str in_the_way)
{
    return problem_with(r, 409, "session_running", "This persona already runs a session in this stream.", "sessionId",
                        in_the_way);
}

static bool is_of_other_time(struct str id)
{
    int64_t off_ms = id_time_ms(id) - clock_wall_us() / 1000;
    return off_ms < -ID_SKEW_MS || off_ms > ID_SKEW_MS;
}

static int create_conflict(struct request *r, const struct store_session_seen *seen)
{
    if (!seen->session_id.p)
        return problem(r, 409, "id_conflict", "This id is taken.");
    if (str_eq(seen->session_status, STR("running")))
        return session_running(r, seen->session_id);
    return problem_with(r, 409, "session_exists", "This message already has a session of this persona.", "sessionId",
                        seen->session_id);
}

static int create(struct request *r)
{
    struct str id, stream, persona, trigger, title, metadata, heartbeat;
    const char *started_us;
    int status;
    if ((status = body_id(r, r->body, "id", "ses", OPTIONAL, &id)) ||
        (status = body_id(r, r->body, "streamId", "str", OPTIONAL, &stream)) ||
        (status = body_id(r, r->body, "personaId", "per", OPTIONAL, &persona)) ||
        (status = body_id(r, r->body, "triggerMessageId", "msg", OPTIONAL, &trigger)) ||
        (status = body_text(r, r->body, "title", OPTIONAL, 0, SESSION_TITLE_MAX, &title)) ||
        (status = body_object(r, r->body, "metadata", OPTIONAL, SESSION_METADATA_MAX, &metadata)) ||
        (status = body_time(r, r->body, "startedAt", &started_us)) ||
        (status = body_text(r, r->body, "heartbeat", OPTIONAL, 0, HEARTBEAT_MAX, &heartbeat)))
        return status;
    struct store_session_about about;
    if ((status = trace_session_body_about(r, r->body, &about)))
        return status;
    if (heartbeat.p && !str_eq(heartbeat, STR("none")))
        return problem_body(r, "heartbeat", "must be none");
    struct store_session_new in = {
        .id = id.p ? request_keep(r, id) : new_id(r, "ses"),
        .stream = request_keep(r, stream),
        .persona = request_keep(r, persona),
        .trigger = request_keep(r, trigger),
        .title = request_keep(r, title),
        .metadata = request_keep(r, metadata),
        .started_us = started_us,
        .about = about,
        .is_silent = heartbeat.p,
        .is_of_other_time = id.p && is_of_other_time(id),
    };
    struct caller caller = caller_of(r);
    struct store_answer answer = store_session_create(r->worker->pg, &caller, &in);
    if (answer.outcome == STORE_MISFIT) {
        store_answer_fini(&answer);
        return problem_body(r, "id", "must have been made within 24 hours of the server's time");
    }
    return reply(r, &answer, NOTIFY_STARTED, (int)answer.outcome, create_conflict);
}

static int not_running(struct request *r, const struct store_session_seen *seen)
{
    return trace_not_running(r, seen->session_status);
}

// People change tags; what an agent says of its work is its own.
static int refuse_of_person(struct request *r)
{
    static const char *const of_agent[] = {"title", "metadata"};
    for (size_t i = 0; !r->is_program && i < sizeof of_agent / sizeof of_agent[0]; i++)
        if (json_object_get(r->body, of_agent[i]))
            return problem_body(r, of_agent[i], "is changed by the session's agent alone");
    return 0;
}

static int patch(struct request *r)
{
    const char *said;
    int status = refuse_of_person(r);
    if (!status)
        status = trace_session_body_patch(r, r->body, &said);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    bool is_pruned;
    struct store_answer answer =
        store_session_patch(r->worker->pg, &caller, trace_id(r, PATH_SESSION), said, &is_pruned);
    if (is_pruned) {
        store_answer_fini(&answer);
        return trace_pruned(r);
    }
    return reply(r, &answer, NOTIFY_UPDATED, 200, not_running);
}

static int claim_conflict(struct request *r, const struct store_session_seen *seen)
{
    if (seen->session_id.p)
        return session_running(r, seen->session_id);
    if (str_eq(seen->session_status, STR("running")))
        return problem(r, 409, "already_claimed", "Another worker has claimed this session.");
    return trace_not_running(r, seen->session_status);
}

static int claim(struct request *r)
{
    struct str worker;
    int status = body_text(r, r->body, "workerId", REQUIRED, 1, WORKER_MAX, &worker);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_session_claim(r->worker->pg, &caller, trace_id(r, PATH_SESSION), request_keep(r, worker));
    return reply(r, &answer, NOTIFY_STARTED, 200, claim_conflict);
}

static int heartbeat(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_session_heartbeat(r->worker->pg, &caller, trace_id(r, PATH_SESSION));
    struct store_session_seen seen;
    store_session_read(&answer, &seen);
    int status = 204;
    if (answer.outcome == STORE_WRITTEN)
        notify_session_event(r->worker->bus, NOTIFY_REOPENED, &seen.change);
    else if (answer.outcome == STORE_CONFLICT)
        status = not_running(r, &seen);
    else if (answer.outcome != STORE_OK)
        status = reply_refusal(r, answer.outcome);
    store_answer_fini(&answer);
    return status;
}

static int end(struct request *r, struct store_ending *ending, enum notify_event event)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_ending_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), ending);
    struct store_ending_seen seen;
    store_ending_read(&answer, &seen);
    int status = reply_seen(r, answer.outcome, &seen.ended, event, 200, not_running);
    if (seen.has_follow_up)
        notify_session_event(r->worker->bus, NOTIFY_REQUESTED, &seen.follow_up);
    store_answer_fini(&answer);
    return status;
}

static int complete(struct request *r)
{
    struct str response;
    const char *completed_us;
    int64_t seen = -1;
    int status;
    if ((status = body_id(r, r->body, "responseMessageId", "msg", OPTIONAL, &response)) ||
        (status = body_i64(r, r->body, "seenSeq", OPTIONAL, 0, INT64_MAX, &seen)) ||
        (status = body_time(r, r->body, "completedAt", &completed_us)))
        return status;
    struct store_ending ending = {
        .status = "completed", .response_message = request_keep(r, response), .completed_us = completed_us};
    if (seen >= 0) {
        ending.seen_seq = request_keep_i64(r, seen);
        ending.follow_up_id = new_id(r, "ses");
    }
    return end(r, &ending, NOTIFY_COMPLETED);
}

static int fail(struct request *r)
{
    json_t *error = json_object_get(r->body, "error");
    struct str code, message;
    const char *completed_us;
    int status;
    if (!json_is_object(error))
        return problem_body(r, "error", error ? "must be an object" : "is missing");
    if ((status = body_text(r, error, "code", REQUIRED, 1, CODE_MAX, &code)) ||
        (status = body_text(r, error, "message", REQUIRED, 0, MESSAGE_MAX, &message)) ||
        (status = body_time(r, r->body, "completedAt", &completed_us)))
        return status;
    struct store_ending ending = {
        .status = "failed",
        .error_code = request_keep(r, code),
        .error_message = request_keep(r, message),
        .completed_us = completed_us,
    };
    return end(r, &ending, NOTIFY_FAILED);
}

static int cancel(struct request *r)
{
    struct store_ending ending = {.status = "cancelled"};
    return end(r, &ending, NOTIFY_CANCELLED);
}

static int not_retryable(struct request *r, const struct store_session_seen *seen)
{
    (void)seen;
    return problem(r, 409, "not_retryable", "Only a failed or cancelled session can be retried.");
}

static int retry(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_ending_retry(r->worker->pg, &caller, trace_id(r, PATH_SESSION), new_id(r, "ses"));
    return reply(r, &answer, NOTIFY_REQUESTED, (int)answer.outcome, not_retryable);
}

#define SESSIONS "/api/workspaces/{ws}/agent-sessions"
const struct route trace_session_routes[] = {
    {METHOD_POST, SESSIONS, AUTH_PROGRAM, BODY_JSON, create},
    {METHOD_PATCH, SESSIONS "/{ses}", AUTH_KNOWN, BODY_JSON, patch},
    {METHOD_POST, SESSIONS "/{ses}/claim", AUTH_ALWAYS, BODY_JSON, claim},
    {METHOD_POST, SESSIONS "/{ses}/heartbeat", AUTH_ALWAYS, BODY_NONE, heartbeat},
    {METHOD_POST, SESSIONS "/{ses}/complete", AUTH_ALWAYS, BODY_JSON, complete},
    {METHOD_POST, SESSIONS "/{ses}/fail", AUTH_ALWAYS, BODY_JSON, fail},
    {METHOD_POST, SESSIONS "/{ses}/cancel", AUTH_KNOWN, BODY_NONE, cancel},
    {METHOD_POST, SESSIONS "/{ses}/retry", AUTH_KNOWN, BODY_NONE, retry},
    {0},
};
