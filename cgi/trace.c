// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace.h"

#include "store/approval.h"

#include <assert.h>

const char *trace_id(struct request *r, int place)
{
    assert(place < r->ids);
    return request_keep(r, r->id[place]);
}

void trace_tell_question(struct request *r)
{
    struct notify_session session;
    struct store_answer answer = store_approval_session(r->worker->pg, trace_id(r, PATH_SESSION), &session);
    if (answer.outcome == STORE_OK) {
        notify_session_progress(r->worker->bus, &session);
        notify_session_changed(r->worker->bus, &session);
    }
    store_answer_fini(&answer);
}

int trace_not_running(struct request *r, struct str session_status)
{
    if (str_eq(session_status, STR("pending")))
        return problem(r, 409, "session_pending", "Nobody has claimed this session yet.");
    return problem_with(r, 409, "session_ended", "This session has ended.", "sessionStatus", session_status);
}

int trace_pruned(struct request *r)
{
    return problem(r, 409, "session_pruned", "The steps of this session were deleted.");
}
