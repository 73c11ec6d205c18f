// SPDX-License-Identifier: Apache-2.0
// Putting a step: an upsert by its id, whenever that comes. Many at once are lines of a batch (trace_batch.c).
#include "cgi/trace_put.h"

#include "cgi/body.h"
#include "base/jw.h"

// Of more events than this, only the number of the last one is sent (notify_last_step()).
enum { EVENTS_SENT_MAX = 64 };

int trace_put_refusal(struct request *r, enum store_outcome outcome, const struct store_put_seen *seen)
{
    if (outcome == STORE_MISFIT && str_eq(seen->field, STR("content")))
        return trace_step_body_misfit(r);
    if (outcome == STORE_MISFIT)
        return problem_body(r, request_keep(r, seen->field), "is missing, and there is no such step yet");
    if (outcome == STORE_CONFLICT && seen->problem.p)
        return trace_pruned(r);
    return outcome == STORE_CONFLICT ? trace_not_running(r, seen->session_status) : reply_refusal(r, outcome);
}

void trace_put_send(struct request *r, const struct store_answer *answer, const struct store_put_seen *seen, int n)
{
    struct bus *bus = r->worker->bus;
    struct store_put_written written;
    int64_t last_seq = 0;
    bool asks = false;
    if (seen->has_reopened)
        notify_session_event(bus, NOTIFY_REOPENED, &seen->reopened);
    for (int i = 0; i < n; i++) {
        store_put_read(answer, i, &written);
        if (written.seq && n <= EVENTS_SENT_MAX)
            notify_step(bus, &written.step, written.seq);
        last_seq = written.seq ? written.seq : last_seq;
        asks = asks || (written.seq && str_eq(written.step.type, STR("approval")));
    }
    if (last_seq && n > EVENTS_SENT_MAX)
        notify_last_step(bus, r->id[PATH_SESSION], last_seq);
    if (seen->has_grown)
        notify_session_changed(bus, &seen->reopened);
    if (asks)
        trace_tell_question(r);
    else if (last_seq || seen->has_reopened)
        notify_session_progress(bus, &seen->session);
}

void trace_put_print(struct request *r, const struct store_answer *answer, const struct store_put_seen *seen, int i,
                     enum step_form form)
{
    struct store_put_written written;
    store_put_read(answer, i, &written);
    jw_open(&r->out, '{');
    jw_key(&r->out, "step");
    step_json(&r->out, &written.step, !str_eq(seen->session_status, STR("running")), form);
    store_put_print_fields(answer, i, &r->out);
    jw_close(&r->out, '}');
}

static int put(struct request *r)
{
    struct store_put_step step = {0};
    struct store_put_seen seen;
    const char *id = trace_id(r, PATH_STEP);
    r->steps = 1;
    int status = trace_step_body_put(r, r->body, &step);
    if (status)
        return status;
    if (step.of.id && strcmp(step.of.id, id) != 0)
        return problem_body(r, "id", "is not the step of the path");
    step.of.id = id;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_put_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &step, 1, &seen);
    status = (int)answer.outcome;
    if (answer.outcome == STORE_OK || answer.outcome == STORE_WRITTEN) {
        trace_put_send(r, &answer, &seen, 1);
        trace_put_print(r, &answer, &seen, 0, STEP_WHOLE);
    } else {
        status = trace_put_refusal(r, answer.outcome, &seen);
    }
    store_answer_fini(&answer);
    return status;
}

const struct route trace_put_routes[] = {
    {METHOD_PUT, "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}", AUTH_PROGRAM, BODY_JSON, put},
    {0},
};
