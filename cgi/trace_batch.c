// SPDX-License-Identifier: Apache-2.0
// Many steps at once: NDJSON in, one transaction, one result a line.
#include <stdlib.h>
#include "cgi/trace.h"
#include "cgi/trace_batch_lines.h"
#include "cgi/trace_put.h"
#include "cgi/trace_repeat.h"
#include "cgi/trace_step_body.h"
#include "base/jw.h"

// Of more events than this, only the number of the last one is sent (notify_last_step()).
enum { EVENTS_SENT_MAX = 64 };

static void print_results(struct request *r, const struct batch_lines *batch, const struct store_answer *answer,
                          const struct store_batch_seen *seen)
{
    bool has_ended = !str_eq(seen->session_status, STR("running"));
    jw_open(&r->out, '{');
    jw_key(&r->out, "results");
    jw_open(&r->out, '[');
    for (int line = 0; line < batch->lines; line++) {
        struct store_batch_written written;
        store_batch_read(answer, batch->of_line[line], &written);
        jw_open(&r->out, '{');
        jw_key(&r->out, "step");
        step_json(&r->out, &written.step, has_ended, STEP_BRIEF);
        jw_close(&r->out, '}');
    }
    jw_close(&r->out, ']');
    jw_close(&r->out, '}');
}

struct numbered {
    int64_t seq;
    int step;
};

static int by_seq(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static void send_events(struct request *r, const struct batch_lines *batch, const struct store_answer *answer,
                        const struct store_batch_seen *seen)
{
    struct numbered *events = mem_zero(2 * (size_t)batch->n * sizeof *events);
    struct store_batch_written written;
    int n = 0;
    bool asks = false;
    for (int i = 0; i < batch->n; i++) {
        store_batch_read(answer, i, &written);
        asks = asks || str_eq(written.step.type, STR("approval"));
        if (written.start_seq)
            events[n++] = (struct numbered){written.start_seq, i};
        if (written.end_seq && written.end_seq != written.start_seq)
            events[n++] = (struct numbered){written.end_seq, i};
    }
    qsort(events, (size_t)n, sizeof *events, by_seq);
    for (int i = 0; i < n && n <= EVENTS_SENT_MAX; i++) {
        store_batch_read(answer, events[i].step, &written);
        notify_step(r->worker->bus, &written.step, events[i].seq);
    }
    if (n > EVENTS_SENT_MAX)
        notify_last_step(r->worker->bus, r->id[PATH_SESSION], events[n - 1].seq);
    if (asks && n > 0)
        trace_tell_question(r);
    else if (n > 0)
        notify_session_progress(r->worker->bus, &seen->session);
    free(events);
}

static int reply(struct request *r, const struct batch_lines *batch, const struct store_answer *answer,
                 const struct store_batch_seen *seen)
{
    if (answer->outcome == STORE_OK) {
        send_events(r, batch, answer, seen);
        print_results(r, batch, answer, seen);
        return 200;
    }
    if (answer->outcome == STORE_CONFLICT && seen->conflict_line) {
        int status = batch_lines_problem(r, trace_repeat_conflict(r), seen->conflict_line);
        r->out.n--;
        store_batch_print_fields(answer, &r->out);
        jw_close(&r->out, '}');
        return status;
    }
    if (answer->outcome == STORE_CONFLICT)
        return trace_not_running(r, seen->session_status);
    if (answer->outcome != STORE_MISFIT)
        return reply_refusal(r, answer->outcome);
    if (!seen->lost_line)
        return batch_lines_problem(r, trace_step_body_misfit(r), seen->misfit_line);
    return batch_lines_problem(r, problem(r, 400, "invalid_body", "The line names a step that is not in this session."),
                               seen->lost_line);
}

static int put_all(struct request *r, const struct batch_lines *batch)
{
    struct caller caller = caller_of(r);
    struct store_put_seen seen;
    struct store_answer answer =
        store_put_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), batch->puts, batch->puts_n, &seen);
    int status = 200;
    if (answer.outcome == STORE_OK || answer.outcome == STORE_WRITTEN) {
        trace_put_send(r, &answer, &seen, batch->puts_n);
        jw_open(&r->out, '{');
        jw_key(&r->out, "results");
        jw_open(&r->out, '[');
        for (int i = 0; i < batch->puts_n; i++)
            trace_put_print(r, &answer, &seen, i, STEP_BRIEF);
        jw_close(&r->out, ']');
        jw_close(&r->out, '}');
    } else {
        status = trace_put_refusal(r, answer.outcome, &seen);
        if (answer.outcome == STORE_MISFIT)
            status = batch_lines_problem(r, status, batch->put_line[seen.place]);
    }
    store_answer_fini(&answer);
    return status;
}

static int batch(struct request *r)
{
    struct batch_lines lines;
    int status = batch_lines_read(r, &lines);
    r->steps = lines.puts_n ? lines.puts_n : lines.n;
    if (!status && lines.puts_n) {
        status = put_all(r, &lines);
    } else if (!status) {
        struct caller caller = caller_of(r);
        struct store_batch_seen seen;
        struct store_answer answer =
            store_batch_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), lines.steps, lines.n, &seen);
        bool is_for_put = answer.outcome == STORE_CONFLICT && seen.is_for_put && !seen.conflict_line;
        status = is_for_put ? batch_lines_read_puts(r, &lines) : reply(r, &lines, &answer, &seen);
        if (is_for_put && !status)
            status = put_all(r, &lines);
        store_answer_fini(&answer);
    }
    batch_lines_fini(&lines);
    return status;
}

const struct route trace_batch_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/batch", AUTH_PROGRAM, BODY_RAW, batch},
    {0},
};
