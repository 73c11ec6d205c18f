// Many steps at once: NDJSON in, one transaction, one result a line.
#include <stdlib.h>
#include "cgi/trace.h"
#include "cgi/trace_batch_lines.h"
#include "cgi/trace_step_body.h"
#include "lib/clock.h"
#include "lib/jw.h"

// More events than this go as the number of the last one: a pusher reads the others at once, instead of being sent what
// its socket cannot hold.
enum { EVENTS_SENT_MAX = 64 };

static void print_results(struct request *r, const struct batch_lines *batch, const struct store_batch_result *result)
{
    bool has_ended = !str_eq(result->session_status, STR("running"));
    jw_open(&r->out, '{');
    jw_key(&r->out, "results");
    jw_open(&r->out, '[');
    for (int line = 0; line < batch->lines; line++) {
        struct store_batch_written written;
        store_batch_read(result, batch->of_line[line], &written);
        jw_open(&r->out, '{');
        jw_key(&r->out, "step");
        step_json(&r->out, &written.step, has_ended, STEP_BRIEF);
        jw_close(&r->out, '}');
    }
    jw_close(&r->out, ']');
    jw_close(&r->out, '}');
}

struct event {
    int64_t seq;
    int step;
};

static int by_seq(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static void send_last(struct request *r, int64_t seq)
{
    struct buf room = {0};
    buf_lit(&room, "session:");
    buf_str(&room, r->id[PATH_SESSION]);
    bus_send(r->worker->bus, &(struct hint){
                                 .seq = seq,
                                 .stamp = clock_mono_ns(),
                                 .room = buf_view(&room),
                                 .name = STR("agent_session:step:completed"),
                             });
    buf_fini(&room);
}

static void send_events(struct request *r, const struct batch_lines *batch, const struct store_batch_result *result)
{
    struct event *events = mem_zero(2 * (size_t)batch->n * sizeof *events);
    struct store_batch_written written;
    int n = 0;
    for (int i = 0; i < batch->n; i++) {
        store_batch_read(result, i, &written);
        if (written.start_seq)
            events[n++] = (struct event){written.start_seq, i};
        if (written.end_seq && written.end_seq != written.start_seq)
            events[n++] = (struct event){written.end_seq, i};
    }
    qsort(events, (size_t)n, sizeof *events, by_seq);
    for (int i = 0; i < n && n <= EVENTS_SENT_MAX; i++) {
        store_batch_read(result, events[i].step, &written);
        trace_send_step(r->worker->bus, &written.step, events[i].seq);
    }
    if (n > EVENTS_SENT_MAX)
        send_last(r, events[n - 1].seq);
    if (n > 0)
        publish_session_progress(r->worker->bus, &result->session);
    free(events);
}

static int reply(struct request *r, int answer, const struct batch_lines *batch,
                 const struct store_batch_result *result)
{
    switch (answer) {
    case 200:
        send_events(r, batch, result);
        print_results(r, batch, result);
        return 200;
    case 400:
        if (!result->lost_line)
            return batch_lines_problem(r, trace_step_body_misfit(r), result->misfit_line);
        return batch_lines_problem(
            r, problem(r, 400, "invalid_body", "The line names a step that is not in this session."),
            result->lost_line);
    case 409:
        return trace_not_running(r, result->session_status);
    default:
        return problem_refusal(r, answer, "sessions:write");
    }
}

static int batch(struct request *r)
{
    struct batch_lines lines;
    struct store_batch_result result = {0};
    int status = batch_lines_read(r, &lines);
    if (!status) {
        struct caller caller = caller_of(r);
        int answer =
            store_batch_write(r->worker->pg, &caller, trace_id(r, PATH_SESSION), lines.steps, lines.n, &result);
        status = reply(r, answer, &lines, &result);
    }
    store_batch_fini(&result);
    batch_lines_fini(&lines);
    return status;
}

const struct route trace_batch_routes[] = {
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/batch", WHO_PROGRAM, BODY_RAW, batch},
    {0},
};
