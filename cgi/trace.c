#include "cgi/trace.h"

#include <assert.h>
#include "lib/clock.h"

const char *trace_id(struct request *r, int place)
{
    assert(place < r->ids);
    return request_keep(r, r->id[place]);
}

int trace_not_running(struct request *r, struct str session_status)
{
    if (str_eq(session_status, STR("pending")))
        return problem(r, 409, "session_pending", "Nobody has claimed this session yet.");
    return problem_with(r, 409, "session_ended", "This session has ended.", "sessionStatus", session_status);
}

void trace_send_step(struct bus *bus, const struct step_row *step, int64_t seq)
{
    struct buf room = {0}, body = {0};
    buf_lit(&room, "session:");
    buf_str(&room, step->session_id);
    step_json_event(&body, step, seq);
    bus_send(bus, &(struct hint){
                      .flags = seq == step->end_seq ? HINT_ENDS_STEP : HINT_OPENS_STEP,
                      .seq = seq,
                      .start_seq = step->start_seq,
                      .stamp = clock_mono_ns(),
                      .room = buf_view(&room),
                      .name = str_from(step_json_event_name(step, seq)),
                      .step = step->id,
                      .body = buf_view(&body),
                  });
    buf_fini(&room);
    buf_fini(&body);
}
