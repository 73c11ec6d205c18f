// SPDX-License-Identifier: Apache-2.0
// A workspace as a whole: its people, personas, streams and running sessions, and who can be mentioned.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/query.h"
#include "cgi/reply.h"
#include "base/jw.h"
#include "store/workspace.h"

static int get_workspace(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_workspace_get(r->worker->pg, &caller);
    int status = reply_failure(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        buf_str(&r->out, store_answer_body(&answer));
        jw_key(&r->out, "personas");
        actors_print(&r->out, store_workspace_actors(&answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

static int get_mentionable(struct request *r)
{
    struct str stream;
    const char *prefix;
    int status = query_text(r, "q", &prefix);
    if (status || (status = query_id(r, "streamId", "str", &stream)))
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_workspace_mentionable(r->worker->pg, &caller, prefix ? prefix : "", request_keep(r, stream));
    status = reply_failure(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        jw_key(&r->out, "mentionable");
        actors_print(&r->out, store_workspace_actors(&answer));
        jw_close(&r->out, '}');
    }
    store_answer_fini(&answer);
    return status;
}

const struct route workspace_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}", AUTH_KNOWN, BODY_NONE, get_workspace},
    {METHOD_GET, "/api/workspaces/{ws}/mentionable", AUTH_KNOWN, BODY_NONE, get_mentionable},
    {0},
};
