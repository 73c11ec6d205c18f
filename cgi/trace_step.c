// SPDX-License-Identifier: Apache-2.0
// Steps one at a time: start, whole, complete, read.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "cgi/trace_put.h"
#include "cgi/trace_repeat.h"
#include "cgi/trace_step_body.h"
#include "cgi/trace_step_mark.h"
#include "base/jw.h"
#include "store/repeat.h"
#include "store/trace.h"

static void print_step(struct request *r, const struct step_row *step, bool session_ended)
{
    jw_open(&r->out, '{');
    jw_key(&r->out, "step");
    step_json(&r->out, step, session_ended, STEP_WHOLE);
    jw_close(&r->out, '}');
}

// The reply to a write, and the events of one that was done now.
static int reply(struct request *r, enum store_outcome outcome, const struct store_step_seen *seen, int status)
{
    if (outcome == STORE_WRITTEN) {
        notify_step(r->worker->bus, &seen->step, seen->step.seq);
        if (str_eq(seen->step.type, STR("approval")))
            trace_tell_question(r);
        else
            notify_session_progress(r->worker->bus, &seen->session);
        print_step(r, &seen->step, false);
        return status;
    }
    if (outcome == STORE_OK) {
        print_step(r, &seen->step, !str_eq(seen->session_status, STR("running")));
        return 200;
    }
    if (outcome == STORE_MISFIT)
        return problem_body(r, "parentStepId", "is not a step of this session");
    return outcome == STORE_CONFLICT ? trace_not_running(r, seen->session_status) : reply_refusal(r, outcome);
}

// Ends a step that was started before, with all that is said of it now: it is put, so nothing that was said is lost.
static int fill(struct request *r, const struct store_step_input *in)
{
    struct caller caller = caller_of(r);
    struct store_put_step step = {.of = *in, .ends = true};
    struct store_put_seen seen;
    struct store_answer answer = store_put_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &step, 1, &seen);
    int status = 200;
    if (answer.outcome == STORE_OK || answer.outcome == STORE_WRITTEN) {
        struct store_put_written written;
        trace_put_send(r, &answer, &seen, 1);
        store_put_read(&answer, 0, &written);
        print_step(r, &written.step, !str_eq(seen.session_status, STR("running")));
    } else {
        status = trace_put_refusal(r, answer.outcome, &seen);
    }
    store_answer_fini(&answer);
    return status;
}

// A step with this id was there before. If the write says the same, it is answered as then; `seen` is what is there.
static int repeat(struct request *r, const struct store_step_input *in, bool is_start,
                  const struct store_step_seen *seen)
{
    struct store_repeat found;
    struct store_answer answer = store_repeat_compare(r->worker->pg, trace_id(r, PATH_SESSION), in, is_start, &found);
    int status = answer.outcome == STORE_OK ? 200 : reply_refusal(r, answer.outcome);
    if (status == 200 && !is_start && !found.has_ended) {
        status = fill(r, in);
    } else if (status == 200 && found.differs) {
        status = trace_repeat_conflict(r);
        r->out.n--;
        store_repeat_print_fields(&answer, &r->out);
        jw_close(&r->out, '}');
    } else if (status == 200) {
        status = reply(r, STORE_OK, seen, 200);
    }
    store_answer_fini(&answer);
    return status;
}

static int start(struct request *r)
{
    struct store_step_input in = {0};
    bool is_whole = false;
    int status;
    r->steps = 1;
    if ((status = body_bool(r, r->body, "completed", &is_whole)) || (status = trace_step_body_start(r, r->body, &in)) ||
        (is_whole && (status = trace_step_body_end(r, r->body, &in))))
        return status;
    trace_step_mark(r, in.id, is_whole ? &in.end : &in.start);
    struct caller caller = caller_of(r);
    const char *session = trace_id(r, PATH_SESSION);
    struct store_step_seen seen;
    struct store_answer answer = is_whole ? store_step_record(r->worker->pg, &caller, session, &in, &seen)
                                          : store_step_start(r->worker->pg, &caller, session, &in, &seen);
    status = answer.outcome == STORE_OK ? repeat(r, &in, !is_whole, &seen) : reply(r, answer.outcome, &seen, 201);
    store_answer_fini(&answer);
    return status;
}

static int complete(struct request *r)
{
    struct store_step_input in = {.id = trace_id(r, PATH_STEP)};
    int status = trace_step_body_end(r, r->body, &in);
    if (status)
        return status;
    trace_step_mark(r, in.id, &in.end);
    struct caller caller = caller_of(r);
    struct store_step_seen seen;
    struct store_answer answer = store_step_complete(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &in, &seen);
    status = answer.outcome == STORE_MISFIT ? trace_step_body_misfit(r)
             : answer.outcome == STORE_OK   ? repeat(r, &in, false, &seen)
                                            : reply(r, answer.outcome, &seen, 200);
    store_answer_fini(&answer);
    return status;
}

static int show(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_trace_step(r->worker->pg, &caller, trace_id(r, PATH_SESSION), trace_id(r, PATH_STEP));
    int status = reply_refusal(r, answer.outcome);
    if (!status) {
        struct step_row step;
        bool has_ended;
        status = 200;
        store_trace_read_step(&answer, &step, &has_ended);
        print_step(r, &step, has_ended);
    }
    store_answer_fini(&answer);
    return status;
}

#define STEPS "/api/workspaces/{ws}/agent-sessions/{ses}/steps"
const struct route trace_step_routes[] = {
    {METHOD_POST, STEPS, AUTH_PROGRAM, BODY_JSON, start},
    {METHOD_POST, STEPS "/{stp}/complete", AUTH_ALWAYS, BODY_JSON, complete},
    {METHOD_GET, STEPS "/{stp}", AUTH_KNOWN, BODY_NONE, show},
    {METHOD_GET, "/api/shares/{shr}/agent-sessions/{ses}/steps/{stp}", AUTH_SHARE, BODY_NONE, show},
    {0},
};
