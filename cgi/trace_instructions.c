// SPDX-License-Identifier: Apache-2.0
// What a session's model was told first: its system prompt and its tools.
#include "base/jw.h"
#include "cgi/trace.h"
#include "store/instructions.h"

static int show(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_instructions found;
    struct store_answer answer = store_instructions_find(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &found);
    int status = reply_refusal(r, answer.outcome);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        jw_member(&r->out, "systemPrompt", found.system_prompt);
        jw_member_raw(&r->out, "tools", found.tools);
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

const struct route trace_instructions_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions/{ses}/instructions", AUTH_KNOWN, BODY_NONE, show},
    {0},
};
