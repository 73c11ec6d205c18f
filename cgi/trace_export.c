// SPDX-License-Identifier: Apache-2.0
// A whole session as a file, of any size: read page by page and sent while it is read.
#include <stdlib.h>
#include "cgi/body.h"
#include "cgi/export.h"
#include "cgi/trace.h"
#include "cgi/turns.h"

struct exporting {
    const struct export_form *form;
    struct export_session session;
    struct store_answer page; // the one to print next
    struct buf json;          // owns session.json
    int64_t last, upto;       // the numbers of the last step that was read, and of the last one there is
    int turn;
    bool has_begun;
};

static struct store_answer read_page(struct request *r, int64_t after, int64_t upto)
{
    struct caller caller = caller_of(r);
    return store_export_page(r->worker->pg, &caller, trace_id(r, PATH_SESSION), after, upto);
}

static void print_page(struct request *r, struct exporting *e, const struct store_export_head *head)
{
    struct store_export_step step;
    for (int i = 0; i < head->steps; i++) {
        store_export_read_step(&e->page, i, &step);
        e->form->step(&r->out, &e->session, &step);
        e->last = step.step.number;
    }
}

static enum flow_state next(struct request *r, void *state)
{
    struct exporting *e = state;
    if (e->has_begun)
        e->page = read_page(r, e->last, e->upto);
    else
        e->form->head(&r->out, &e->session);
    e->has_begun = true;
    if (e->page.outcome != STORE_OK)
        return FLOW_BROKEN;
    struct store_export_head head;
    store_export_read(&e->page, &head);
    print_page(r, e, &head);
    store_answer_fini(&e->page);
    if (head.steps && e->last < e->upto)
        return FLOW_MORE;
    e->form->tail(&r->out, &e->session);
    return FLOW_LAST;
}

static void end(struct request *r, void *state)
{
    struct exporting *e = state;
    (void)r;
    store_answer_fini(&e->page);
    json_decref(e->session.facts);
    buf_fini(&e->json);
    turns_give(e->turn);
    free(e);
}

static void print_headers(struct request *r, const struct exporting *e)
{
    struct buf name = {0};
    buf_lit(&name, "attachment; filename=\"");
    buf_str(&name, e->session.id);
    buf_printf(&name, ".%s\"", e->form->extension);
    request_header(r, "Content-Type", str_from(e->form->type));
    request_header(r, "Content-Disposition", buf_view(&name));
    request_header(r, "Trace-Steps", str_from(request_keep_i64(r, e->upto)));
    buf_fini(&name);
}

static int begin(struct request *r, const struct export_form *form, int turn)
{
    enum { ALL = 1000000000 };
    struct store_answer page = read_page(r, 0, ALL);
    int status = reply_refusal(r, page.outcome);
    if (status) {
        store_answer_fini(&page);
        turns_give(turn);
        return status;
    }
    struct store_export_head head;
    store_export_read(&page, &head);
    struct exporting *e = mem_zero(sizeof *e);
    *e = (struct exporting){.form = form, .page = page, .turn = turn, .upto = head.step_count};
    buf_str(&e->json, head.session);
    e->session = (struct export_session){.id = r->id[PATH_SESSION],
                                         .json = buf_view(&e->json),
                                         .facts = body_read(buf_view(&e->json), 0, NULL),
                                         .has_ended = head.has_ended};
    print_headers(r, e);
    r->flow = (struct flow){next, end, e};
    return 200;
}

static int export(struct request *r)
{
    struct str name = request_query(r, "format");
    const struct export_form *form = name.p ? export_form_of(name) : &export_json;
    if (!form)
        return problem_query(r, "format", "must be json, ndjson, md or otlp");
    int turn = turns_take();
    if (turn < 0) {
        request_header(r, "Retry-After", STR("5"));
        return problem(r, 429, "too_many_exports", "Other sessions are being exported. Try again in a moment.");
    }
    return begin(r, form, turn);
}

const struct route trace_export_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions/{ses}/export", AUTH_KNOWN, BODY_NONE, export},
    {0},
};
