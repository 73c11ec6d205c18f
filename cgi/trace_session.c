// What happens to a session as a whole: created, claimed, kept alive, ended, tried again.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/store_ending.h"

enum { TITLE_MAX = 2000, METADATA_MAX = 65536, WORKER_MAX = 200, CODE_MAX = 64, MESSAGE_MAX = 4000 };

static const char *new_id(struct request *r, const char *prefix)
{
    char id[ID_SIZE];
    id_new(id, prefix);
    return request_keep(r, str_from(id));
}

static int print_session(struct request *r, struct str session, int status)
{
    jw_open(&r->out, '{');
    jw_member_raw(&r->out, "session", session);
    jw_close(&r->out, '}');
    return status;
}

static int session_running(struct request *r, struct str in_the_way)
{
    return problem_with(r, 409, "session_running", "This persona already runs a session in this stream.", "sessionId",
                        in_the_way);
}

static int create_conflict(struct request *r, const struct store_session_result *result)
{
    if (!result->session_id.p)
        return problem(r, 409, "id_conflict", "This id is taken.");
    if (str_eq(result->session_status, STR("running")))
        return session_running(r, result->session_id);
    return problem_with(r, 409, "session_exists", "This message already has a session of this persona.", "sessionId",
                        result->session_id);
}

static int create(struct request *r)
{
    struct str id, stream, persona, trigger, title, metadata;
    int status;
    if ((status = body_id(r, r->body, "id", "ses", OPTIONAL, &id)) ||
        (status = body_id(r, r->body, "streamId", "str", OPTIONAL, &stream)) ||
        (status = body_id(r, r->body, "personaId", "per", OPTIONAL, &persona)) ||
        (status = body_id(r, r->body, "triggerMessageId", "msg", OPTIONAL, &trigger)) ||
        (status = body_text(r, r->body, "title", OPTIONAL, 0, TITLE_MAX, &title)) ||
        (status = body_object(r, r->body, "metadata", OPTIONAL, METADATA_MAX, &metadata)))
        return status;
    struct store_session_new in = {
        .id = id.p ? request_keep(r, id) : new_id(r, "ses"),
        .stream = request_keep(r, stream),
        .persona = request_keep(r, persona),
        .trigger = request_keep(r, trigger),
        .title = request_keep(r, title),
        .metadata = request_keep(r, metadata),
    };
    struct caller caller = caller_of(r);
    struct store_session_result result;
    int answer = store_session_create(r->worker->pg, &caller, &in, &result);
    if (answer == 201)
        publish_session_event(r->worker->bus, PUBLISH_STARTED, &result.news);
    if (answer == 200 || answer == 201)
        status = print_session(r, result.session, answer);
    else
        status = answer == 409 ? create_conflict(r, &result) : problem_refusal(r, answer, "sessions:write");
    store_session_result_fini(&result);
    return status;
}

static int claim_conflict(struct request *r, const struct store_session_result *result)
{
    if (result->session_id.p)
        return session_running(r, result->session_id);
    if (str_eq(result->session_status, STR("running")))
        return problem(r, 409, "already_claimed", "Another worker has claimed this session.");
    return trace_not_running(r, result->session_status);
}

static int claim(struct request *r)
{
    struct str worker;
    int status = body_text(r, r->body, "workerId", REQUIRED, 1, WORKER_MAX, &worker);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_session_result result;
    int answer =
        store_session_claim(r->worker->pg, &caller, trace_id(r, PATH_SESSION), request_keep(r, worker), &result);
    if (answer == 201)
        publish_session_event(r->worker->bus, PUBLISH_STARTED, &result.news);
    if (answer == 200 || answer == 201)
        status = print_session(r, result.session, 200);
    else
        status = answer == 409 ? claim_conflict(r, &result) : problem_refusal(r, answer, "sessions:write");
    store_session_result_fini(&result);
    return status;
}

static int heartbeat(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_session_result result;
    int answer = store_session_heartbeat(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &result);
    int status = answer == 200   ? 204
                 : answer == 409 ? trace_not_running(r, result.session_status)
                                 : problem_refusal(r, answer, "sessions:write");
    store_session_result_fini(&result);
    return status;
}

static int end(struct request *r, struct store_ending *ending, enum publish_event event)
{
    struct caller caller = caller_of(r);
    struct store_ending_result result;
    int status;
    int answer = store_ending_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), ending, &result);
    if (answer == 201) {
        publish_session_event(r->worker->bus, event, &result.ended.news);
        if (result.has_follow_up)
            publish_session_event(r->worker->bus, PUBLISH_REQUESTED, &result.follow_up);
    }
    if (answer == 200 || answer == 201)
        status = print_session(r, result.ended.session, 200);
    else
        status = answer == 409 ? trace_not_running(r, result.ended.session_status)
                               : problem_refusal(r, answer, "sessions:write");
    store_session_result_fini(&result.ended);
    return status;
}

static int complete(struct request *r)
{
    struct str response;
    int64_t seen = -1;
    int status;
    if ((status = body_id(r, r->body, "responseMessageId", "msg", OPTIONAL, &response)) ||
        (status = body_i64(r, r->body, "seenSeq", OPTIONAL, 0, INT64_MAX, &seen)))
        return status;
    struct store_ending ending = {.status = "completed", .response_message = request_keep(r, response)};
    if (seen >= 0) {
        ending.seen_seq = request_keep_i64(r, seen);
        ending.follow_up_id = new_id(r, "ses");
    }
    return end(r, &ending, PUBLISH_COMPLETED);
}

static int fail(struct request *r)
{
    json_t *error = json_object_get(r->body, "error");
    struct str code, message;
    int status;
    if (!json_is_object(error))
        return problem_body(r, "error", error ? "must be an object" : "is missing");
    if ((status = body_text(r, error, "code", REQUIRED, 1, CODE_MAX, &code)) ||
        (status = body_text(r, error, "message", REQUIRED, 0, MESSAGE_MAX, &message)))
        return status;
    struct store_ending ending = {
        .status = "failed",
        .error_code = request_keep(r, code),
        .error_message = request_keep(r, message),
    };
    return end(r, &ending, PUBLISH_FAILED);
}

static int cancel(struct request *r)
{
    struct store_ending ending = {.status = "cancelled"};
    return end(r, &ending, PUBLISH_CANCELLED);
}

static int retry(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_session_result result;
    int status;
    int answer = store_ending_retry(r->worker->pg, &caller, trace_id(r, PATH_SESSION), new_id(r, "ses"), &result);
    if (answer == 201)
        publish_session_event(r->worker->bus, PUBLISH_REQUESTED, &result.news);
    if (answer == 200 || answer == 201)
        status = print_session(r, result.session, answer);
    else if (answer == 409)
        status = problem(r, 409, "not_retryable", "Only a failed or cancelled session can be retried.");
    else
        status = problem_refusal(r, answer, "sessions:write");
    store_session_result_fini(&result);
    return status;
}

#define SESSIONS "/api/workspaces/{ws}/agent-sessions"
const struct route trace_session_routes[] = {
    {METHOD_POST, SESSIONS, WHO_PROGRAM, BODY_JSON, create},
    {METHOD_POST, SESSIONS "/{ses}/claim", WHO_PROGRAM, BODY_JSON, claim},
    {METHOD_POST, SESSIONS "/{ses}/heartbeat", WHO_PROGRAM, BODY_NONE, heartbeat},
    {METHOD_POST, SESSIONS "/{ses}/complete", WHO_PROGRAM, BODY_JSON, complete},
    {METHOD_POST, SESSIONS "/{ses}/fail", WHO_PROGRAM, BODY_JSON, fail},
    {METHOD_POST, SESSIONS "/{ses}/cancel", WHO_KNOWN, BODY_NONE, cancel},
    {METHOD_POST, SESSIONS "/{ses}/retry", WHO_KNOWN, BODY_NONE, retry},
    {0},
};
