// Text while it is being written: passed on to the pushers, and stored only where a checkpoint is asked for.
#include "cgi/body.h"
#include "cgi/trace.h"
#include "cgi/trace_grants.h"
#include "cgi/trace_step_body.h"
#include "lib/jw.h"
#include "lib/store_progress.h"

struct progress {
    struct str content; // replaces what there is …
    struct str delta;   // … or is appended at `offset`
    int64_t offset;
    bool is_checkpoint;
};

static int read_progress(struct request *r, struct progress *p)
{
    int status;
    *p = (struct progress){.offset = -1};
    if ((status = body_text(r, r->body, "content", OPTIONAL, 0, STEP_CONTENT_MAX, &p->content)) ||
        (status = body_text(r, r->body, "delta", OPTIONAL, 0, STEP_CONTENT_MAX, &p->delta)) ||
        (status = body_i64(r, r->body, "offset", OPTIONAL, 0, STEP_CONTENT_MAX, &p->offset)) ||
        (status = body_bool(r, r->body, "checkpoint", &p->is_checkpoint)))
        return status;
    if (!p->content.p == !p->delta.p)
        return problem_body(r, "content", "or a delta is needed, and not both");
    if (p->delta.p && p->offset < 0)
        return problem_body(r, "offset", "is missing");
    if (p->delta.p && p->offset + (int64_t)p->delta.n > STEP_CONTENT_MAX)
        return problem_body(r, "delta", "is too long");
    if (p->is_checkpoint && !p->content.p)
        return problem_body(r, "content", "is missing: a checkpoint is the whole text");
    return 0;
}

static void send(struct request *r, const struct progress *p, int64_t start_seq, struct str escaped)
{
    struct str text = p->content.p ? p->content : p->delta;
    struct buf room = {0};
    buf_lit(&room, "session:");
    buf_str(&room, r->id[PATH_SESSION]);
    bus_send(r->worker->bus, &(struct hint){
                                 .flags = p->content.p ? HINT_CONTENT : HINT_DELTA,
                                 .start_seq = start_seq,
                                 .stamp = r->received,
                                 .offset = p->delta.p ? p->offset : 0,
                                 .raw_length = (uint32_t)text.n,
                                 .room = buf_view(&room),
                                 .name = STR("agent_session:step:progress"),
                                 .step = r->id[PATH_STEP],
                                 .body = escaped,
                             });
    buf_fini(&room);
}

static struct grant_key key_of(const struct request *r)
{
    return (struct grant_key){r->secret, r->id[PATH_WORKSPACE], r->id[PATH_SESSION], r->id[PATH_STEP]};
}

// Asks the database, and remembers what it said.
static int ask(struct request *r, const struct progress *p, struct str escaped, struct grant *grant)
{
    struct caller caller = caller_of(r);
    const char *session = trace_id(r, PATH_SESSION), *step = trace_id(r, PATH_STEP);
    struct store_progress found;
    int answer;
    if (p->is_checkpoint) {
        struct buf json = {0};
        buf_char(&json, '"');
        buf_str(&json, escaped);
        buf_char(&json, '"');
        answer = store_progress_checkpoint(r->worker->pg, &caller, session, step, buf_cstr(&json),
                                           request_keep_i64(r, (int64_t)p->content.n), &found);
        buf_fini(&json);
    } else {
        answer = store_progress_look(r->worker->pg, &caller, session, step, &found);
    }
    if (answer == 200) {
        *grant = (struct grant){found.is_open, found.start_seq};
        struct grant_key key = key_of(r);
        trace_grants_learn(&key, r->received, grant);
    }
    return answer;
}

static int progress(struct request *r)
{
    struct progress p;
    int status = read_progress(r, &p);
    if (status)
        return status;
    struct buf escaped = {0};
    jw_escape(&escaped, p.content.p ? p.content : p.delta);
    struct grant_key key = key_of(r);
    struct grant grant;
    int answer = 200;
    if (p.is_checkpoint || !trace_grants_find(&key, r->received, &grant))
        answer = ask(r, &p, buf_view(&escaped), &grant);
    if (answer == 200) {
        if (grant.is_open)
            send(r, &p, grant.start_seq, buf_view(&escaped));
        buf_lit(&r->out, "{}");
        status = 202;
    } else {
        status = answer == 409 ? trace_not_running(r, STR("pending")) : problem_refusal(r, answer, "sessions:write");
    }
    buf_fini(&escaped);
    return status;
}

const struct route trace_progress_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}/progress", WHO_PROGRAM, BODY_JSON, progress},
    {0},
};
