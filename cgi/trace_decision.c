// SPDX-License-Identifier: Apache-2.0
// A person decides what an agent asks.
#include "base/jw.h"
#include "cgi/body.h"
#include "cgi/trace.h"
#include "store/approval.h"

enum { OPTION_MAX = 64, NOTE_MAX = 4000 };

static int conflict(struct request *r, struct str code)
{
    if (str_eq(code, STR("decided")))
        return problem(r, 409, "decided", "Somebody has decided otherwise.");
    return problem(r, 409, "approval_closed",
                   "It can no longer be decided: it was withdrawn, is past its time, or its "
                   "session has ended.");
}

static void print_step(struct request *r, const struct step_row *step)
{
    jw_open(&r->out, '{');
    jw_key(&r->out, "step");
    step_json(&r->out, step, false, STEP_WHOLE);
    jw_close(&r->out, '}');
}

static int decide(struct request *r)
{
    struct str option, note;
    int status;
    if ((status = body_text(r, r->body, "option", REQUIRED, 1, OPTION_MAX, &option)) ||
        (status = body_text(r, r->body, "note", OPTIONAL, 0, NOTE_MAX, &note)))
        return status;
    struct caller caller = caller_of(r);
    struct store_approval_seen seen;
    struct store_answer answer =
        store_approval_decide(r->worker->pg, &caller, trace_id(r, PATH_SESSION), trace_id(r, PATH_STEP),
                              request_keep(r, option), request_keep(r, note), &seen);
    if (answer.outcome == STORE_WRITTEN) {
        notify_step(r->worker->bus, &seen.step, seen.step.seq);
        trace_tell_question(r);
        notify_decision(r->worker->bus, seen.persona_id, &seen.step);
    }
    if (answer.outcome == STORE_WRITTEN || answer.outcome == STORE_OK) {
        print_step(r, &seen.step);
        status = 200;
    } else if (answer.outcome == STORE_MISFIT) {
        status = problem_body(r, "option", "is none of those that were offered");
    } else {
        status = answer.outcome == STORE_CONFLICT ? conflict(r, seen.problem) : reply_refusal(r, answer.outcome);
    }
    store_answer_fini(&answer);
    return status;
}

const struct route trace_decision_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}/decision", AUTH_PERSON, BODY_JSON, decide},
    {0},
};
