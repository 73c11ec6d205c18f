// SPDX-License-Identifier: Apache-2.0
#include "cgi/ingest_keep.h"

#include <stdlib.h>
#include "base/jw.h"
#include "cgi/ingest_put.h"
#include "cgi/ingest_redact.h"
#include "store/ingest.h"

// What puts of one trace say of its session, one after the other: whatever comes first, and the better title.
static void gather(struct store_ingest_session *session, const struct step_put *put)
{
    static const struct str outcomes[] = {
        [SESSION_RUNNING] = {NULL, 0},
        [SESSION_COMPLETED] = {"completed", 9},
        [SESSION_FAILED] = {"failed", 6},
        [SESSION_CANCELLED] = {"cancelled", 9},
    };
    const struct step_session *said = &put->session;
    const struct {
        struct str *kept;
        struct str said;
    } fields[] = {
        {&session->source_kind, said->source},
        {&session->client, said->client},
        {&session->client_version, said->client_version},
        {&session->external_id, said->external_id},
        {&session->thread_key, said->thread_key},
        {&session->user_key, said->user_id},
        {&session->environment, said->environment},
        {&session->project, said->project},
        {&session->tags, said->tags},
        {&session->metadata, said->metadata},
        {&session->system_prompt, said->system_prompt},
        {&session->tools, said->tools},
        {&session->root_outcome, outcomes[said->outcome]},
        {&session->seeks, said->seeks},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!fields[i].kept->p)
            *fields[i].kept = fields[i].said;
    if ((int)said->title_rank > session->title_rank) {
        session->title = said->title;
        session->title_rank = (int)said->title_rank;
    }
    if (said->started_us && (!session->started_us || said->started_us < session->started_us))
        session->started_us = said->started_us;
    if (put->step && put->step->is_root && !session->root_step_id.p)
        session->root_step_id = str_from(put->step->id);
    session->may_create = session->may_create || said->may_create;
}

static int by_trace(const void *a, const void *b)
{
    const struct step_put *x = *(const struct step_put *const *)a, *y = *(const struct step_put *const *)b;
    struct str a_id = x->session.external_id, b_id = y->session.external_id;
    int order = memcmp(a_id.p, b_id.p, a_id.n < b_id.n ? a_id.n : b_id.n);
    if (!order)
        order = (a_id.n > b_id.n) - (a_id.n < b_id.n);
    // One array's elements: what came first stays first.
    return order ? order : (x > y) - (x < y);
}

// What became of a trace that was written.
static void conclude(struct ingest_keep *keep, const struct store_ingest_trace *trace, struct store_answer *answer)
{
    if (answer->outcome == STORE_NOT_FOUND)
        // Spans of a trace that shows no AI: they are no run of an agent.
        keep->homeless += trace->n;
    else if (answer->outcome == STORE_STRANGER || answer->outcome == STORE_FORBIDDEN)
        keep->refused += trace->n;
    else
        keep->refused += store_ingest_refused(answer);
    store_ingest_tell(keep->request->worker->bus, answer);
    store_answer_fini(answer);
}

// All of the traces, or else each by itself, and of a trace each step: what one of them spoils costs none of the
// others. 0, or -1 if the database is away.
static int write_traces(struct ingest_keep *keep, const struct store_ingest_trace traces[], int n)
{
    struct store_answer answers[STORE_INGEST_TRACES_MAX];
    enum store_outcome outcome = store_ingest_write(keep->request->worker->pg, keep->secret, traces, n, answers);
    int status = outcome == STORE_DOWN ? -1 : 0;
    if (outcome == STORE_OK) {
        for (int i = 0; i < n; i++)
            conclude(keep, &traces[i], &answers[i]);
    } else if (!status && n > 1) {
        for (int i = 0; i < n && !status; i++)
            status = write_traces(keep, &traces[i], 1);
    } else if (!status && traces[0].n > 1) {
        for (int i = 0; i < traces[0].n && !status; i++)
            status = write_traces(keep, &(struct store_ingest_trace){traces[0].session, &traces[0].steps[i], 1}, 1);
    } else if (!status) {
        keep->refused += traces[0].n;
    }
    return status;
}

// What waits to be written: the traces, and their steps one behind the other.
struct waiting {
    const struct redactor *rules; // or NULL
    struct store_ingest_trace *traces;
    struct store_put_step *steps;
    struct arena arena;
    struct buf hidden; // of the trace that was added last: members of a JSON array
    int traces_n, steps_n;
};

static void add_hidden(struct waiting *w, const struct step_hidden *hidden)
{
    jw_open(&w->hidden, '{');
    jw_member(&w->hidden, "id", str_from(hidden->id));
    jw_member(&w->hidden, "parent", hidden->parent_id);
    if (hidden->started_us)
        jw_member_i64(&w->hidden, "started", hidden->started_us);
    jw_member_bool(&w->hidden, "ended", hidden->has_ended);
    jw_close(&w->hidden, '}');
}

// All of a trace has been added.
static void finish_trace(struct waiting *w)
{
    if (w->hidden.n)
        w->traces[w->traces_n - 1].session.hidden = arena_str(&w->arena, buf_view(&w->hidden));
    buf_clear(&w->hidden);
}

static void add(struct waiting *w, const struct step_put *put)
{
    struct store_ingest_trace *trace = w->traces_n ? &w->traces[w->traces_n - 1] : NULL;
    if (!trace || !str_eq(trace->session.external_id, put->session.external_id)) {
        finish_trace(w);
        trace = &w->traces[w->traces_n++];
        *trace = (struct store_ingest_trace){.steps = &w->steps[w->steps_n]};
    }
    gather(&trace->session, put);
    if (put->hidden)
        add_hidden(w, put->hidden);
    if (put->step) {
        if (w->rules)
            ingest_redact_step(w->rules, &w->arena, put->step);
        w->steps[w->steps_n++] = ingest_put_step(&w->arena, put->step);
        trace->n++;
    }
}

// How many of the traces are written in one transaction. One that has to be looked for may be found in the session of
// another trace, out of their order: by itself it locks nothing else.
static int count_together(const struct store_ingest_trace traces[], int n)
{
    int together = 0;
    while (together < n && together < STORE_INGEST_TRACES_MAX && !traces[together].session.seeks.p)
        together++;
    return together ? together : 1;
}

static int keep_puts(void *context, const struct step_put *puts, size_t n)
{
    struct ingest_keep *keep = context;
    const struct step_put **sorted = mem_alloc(n * sizeof *sorted);
    struct waiting w = {.rules = keep->request->redact,
                        .traces = mem_alloc(n * sizeof *w.traces),
                        .steps = mem_alloc(n * sizeof *w.steps)};
    int status = 0;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &puts[i];
    // The order of the ids is the same in every worker, so that none waits for another that waits for it.
    qsort(sorted, n, sizeof *sorted, by_trace);
    for (size_t i = 0; i < n; i++)
        add(&w, sorted[i]);
    finish_trace(&w);
    buf_fini(&w.hidden);
    for (int i = 0; i < w.traces_n && w.rules; i++)
        ingest_redact_session(w.rules, &w.arena, &w.traces[i].session);
    keep->request->steps += w.steps_n;
    for (int at = 0, together; at < w.traces_n && !status; at += together) {
        together = count_together(&w.traces[at], w.traces_n - at);
        status = write_traces(keep, &w.traces[at], together);
    }
    arena_clear(&w.arena);
    free(w.steps);
    free(w.traces);
    free(sorted);
    return status;
}

struct tree_sink ingest_keep_sink(struct ingest_keep *keep)
{
    return (struct tree_sink){keep_puts, keep};
}
