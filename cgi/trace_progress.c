// SPDX-License-Identifier: Apache-2.0
// Text while it is being written: passed on to the pushers, and stored only where a checkpoint is asked for.
#include "cgi/body.h"
#include "cgi/redaction.h"
#include "cgi/trace.h"
#include "cgi/trace_grants.h"
#include "cgi/trace_step_body.h"
#include "base/jw.h"
#include "store/progress.h"
#include "wire/event.h"
#include "wire/hint.h"
#include "wire/room_name.h"

// Every JSON library reads such a number as it was written.
static const int64_t PROGRESS_N_MAX = (INT64_C(1) << 53) - 1;

struct progress {
    struct str content; // replaces what there is …
    struct str delta;   // … or is appended at `offset`
    int64_t offset;
    int64_t n; // the caller's own order; 0: none
    bool is_checkpoint;
};

static int read_progress(struct request *r, struct progress *p)
{
    int status;
    *p = (struct progress){.offset = -1};
    if ((status = body_text(r, r->body, "content", OPTIONAL, 0, STEP_CONTENT_MAX, &p->content)) ||
        (status = body_text(r, r->body, "delta", OPTIONAL, 0, STEP_CONTENT_MAX, &p->delta)) ||
        (status = body_i64(r, r->body, "offset", OPTIONAL, 0, STEP_CONTENT_MAX, &p->offset)) ||
        (status = body_i64(r, r->body, "n", OPTIONAL, 1, PROGRESS_N_MAX, &p->n)) ||
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
    if (r->redact && p->content.p)
        p->content = redaction_finished(p->content);
    return 0;
}

static void send(struct request *r, const struct progress *p, int64_t start_seq, struct str escaped)
{
    struct str text = p->content.p ? p->content : p->delta;
    struct buf room = {0};
    room_name_print(&room, &(struct room_name){ROOM_SESSION, r->id[PATH_SESSION], STR_NONE});
    bus_send(r->worker->bus, &(struct hint){
                                 .flags = p->content.p ? HINT_CONTENT : HINT_DELTA,
                                 .start_seq = start_seq,
                                 .stamp_ns = r->received_ns,
                                 .n = p->n,
                                 .offset = p->delta.p ? p->offset : 0,
                                 .raw_length = (uint32_t)text.n,
                                 .room = buf_view(&room),
                                 .name = str_from(event_name(EVENT_STEP_PROGRESS)),
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
static enum store_outcome ask(struct request *r, const struct progress *p, struct str escaped, struct grant *grant)
{
    struct caller caller = caller_of(r);
    const char *session = trace_id(r, PATH_SESSION), *step = trace_id(r, PATH_STEP);
    struct store_progress found;
    enum store_outcome outcome;
    if (p->is_checkpoint) {
        struct buf json = {0};
        buf_char(&json, '"');
        buf_str(&json, escaped);
        buf_char(&json, '"');
        outcome = store_progress_checkpoint(r->worker->pg, &caller, session, step, buf_cstr(&json),
                                            request_keep_i64(r, (int64_t)p->content.n), &found);
        buf_fini(&json);
    } else {
        outcome = store_progress_look(r->worker->pg, &caller, session, step, &found);
    }
    if (outcome == STORE_OK) {
        *grant = (struct grant){found.is_open, found.start_seq};
        struct grant_key key = key_of(r);
        trace_grants_learn(&key, r->received_ns, grant);
    }
    return outcome;
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
    enum store_outcome outcome = STORE_OK;
    if (p.is_checkpoint || !trace_grants_find(&key, r->received_ns, &grant))
        outcome = ask(r, &p, buf_view(&escaped), &grant);
    if (outcome == STORE_OK) {
        // What the rules name may stand across two deltas.
        bool is_shown = grant.is_open && !(r->redact && p.delta.p);
        if (is_shown)
            send(r, &p, grant.start_seq, buf_view(&escaped));
        buf_lit(&r->out, "{}");
        status = 202;
    } else {
        status = outcome == STORE_CONFLICT ? trace_not_running(r, STR("pending")) : reply_refusal(r, outcome);
    }
    buf_fini(&escaped);
    return status;
}

const struct route trace_progress_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}/progress", AUTH_PROGRAM, BODY_JSON, progress},
    {0},
};
