// Steps one at a time: start, whole, complete, read.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "cgi/trace_step_body.h"
#include "lib/jw.h"
#include "lib/store_trace.h"

static void print_step(struct request *r, const struct step_row *step, bool session_ended)
{
    jw_open(&r->out, '{');
    jw_key(&r->out, "step");
    step_json(&r->out, step, session_ended, STEP_WHOLE);
    jw_close(&r->out, '}');
}

// The reply to a write, and the events of one that was done now.
static int reply(struct request *r, int answer, const struct store_step_result *result, int status)
{
    switch (answer) {
    case 201:
        trace_send_step(r->worker->bus, &result->step, result->step.seq);
        publish_session_progress(r->worker->bus, &result->session);
        print_step(r, &result->step, false);
        return status;
    case 200: {
        bool has_ended = !str_eq(result->session_status, STR("running"));
        print_step(r, &result->step, has_ended);
        return 200;
    }
    case 400:
        return problem_body(r, "parentStepId", "is not a step of this session");
    case 409:
        return trace_not_running(r, result->session_status);
    default:
        return problem_refusal(r, answer, "sessions:write");
    }
}

static int start(struct request *r)
{
    struct store_step_input in = {0};
    bool is_whole = false;
    int status;
    if ((status = body_bool(r, r->body, "completed", &is_whole)) || (status = trace_step_body_start(r, r->body, &in)) ||
        (is_whole && (status = trace_step_body_end(r, r->body, &in))))
        return status;
    struct caller caller = caller_of(r);
    const char *session = trace_id(r, PATH_SESSION);
    struct store_step_result result;
    int answer = is_whole ? store_step_record(r->worker->pg, &caller, session, &in, &result)
                          : store_step_start(r->worker->pg, &caller, session, &in, &result);
    status = reply(r, answer, &result, 201);
    store_step_result_fini(&result);
    return status;
}

static int complete(struct request *r)
{
    struct store_step_input in = {.id = trace_id(r, PATH_STEP)};
    int status = trace_step_body_end(r, r->body, &in);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_step_result result;
    int answer = store_step_complete(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &in, &result);
    status = answer == 400 ? trace_step_body_misfit(r) : reply(r, answer, &result, 200);
    store_step_result_fini(&result);
    return status;
}

static int show(struct request *r)
{
    struct caller caller = caller_of(r);
    struct answer answer = store_trace_step(r->worker->pg, &caller, trace_id(r, PATH_SESSION), trace_id(r, PATH_STEP));
    int status = answer.code == 200 ? 200 : problem_refusal(r, answer.code, "read");
    if (status == 200) {
        struct step_row step;
        step_json_read(&step, answer.rows, 0, STEP_AT);
        print_step(r, &step, pg_bool(answer.rows, 0, STEP_ENDED));
    }
    answer_fini(&answer);
    return status;
}

#define STEPS "/api/workspaces/{ws}/agent-sessions/{ses}/steps"
const struct route trace_step_routes[] = {
    {METHOD_POST, STEPS, WHO_PROGRAM, BODY_JSON, start},
    {METHOD_POST, STEPS "/{stp}/complete", WHO_PROGRAM, BODY_JSON, complete},
    {METHOD_GET, STEPS "/{stp}", WHO_KNOWN, BODY_NONE, show},
    {0},
};
