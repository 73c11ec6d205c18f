// A workspace as a whole: who and what is in it, and who can be mentioned.
#include "cgi/workspace_routes.h"

#include "cgi/actors.h"
#include "cgi/reply.h"
#include "lib/id.h"
#include "lib/jw.h"
#include "lib/store_workspace.h"

static int get_workspace(struct request *r)
{
    struct caller caller = caller_of(r);
    struct answer answer = store_workspace_get(r->worker->pg, &caller);
    int status = reply_refusal(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        buf_str(&r->out, answer_body(&answer));
        jw_key(&r->out, "personas");
        actors_print(&r->out, pg_str(answer.rows, 0, WORKSPACE_PERSONAS));
        jw_close(&r->out, '}');
    }
    answer_fini(&answer);
    return status;
}

static int get_mentionable(struct request *r)
{
    struct str stream = request_query(r, "streamId");
    const char *prefix;
    int status = request_query_text(r, "q", &prefix);
    if (status)
        return status;
    if (stream.p && !id_valid(stream, "str"))
        return problem_query(r, "streamId", "must be a stream's id");
    struct caller caller = caller_of(r);
    struct answer answer =
        store_workspace_mentionable(r->worker->pg, &caller, prefix ? prefix : "", request_keep(r, stream));
    status = reply_refusal(r, &answer);
    if (!status) {
        status = 200;
        jw_open(&r->out, '{');
        jw_key(&r->out, "mentionable");
        actors_print(&r->out, pg_str(answer.rows, 0, MENTIONABLE_ACTORS));
        jw_close(&r->out, '}');
    }
    answer_fini(&answer);
    return status;
}

const struct route workspace_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}", WHO_KNOWN, BODY_NONE, get_workspace},
    {METHOD_GET, "/api/workspaces/{ws}/mentionable", WHO_KNOWN, BODY_NONE, get_mentionable},
    {0},
};
