#include "sse/step.h"

#include <assert.h>
#include <stdlib.h>
#include "lib/jw.h"

struct step *step_new(struct room *room, struct str id, int64_t start_seq)
{
    struct step *step = mem_zero(sizeof *step);
    step->refs = 1;
    step->room = room;
    step->start_seq = start_seq;
    step->id = mem_dup(id);
    return step;
}

struct step *step_ref(struct step *step)
{
    step->refs++;
    return step;
}

void step_touch(struct step *step)
{
    frame_unref(step->whole);
    frame_unref(step->since);
    step->whole = step->since = NULL;
}

void step_unref(struct step *step)
{
    if (!step || --step->refs > 0)
        return;
    assert(!list_has(&step->by_age));
    step_touch(step);
    text_fini(&step->text);
    free(step->id);
    free(step);
}

static struct frame *print(struct step *step, struct str room, const char *key, struct str escaped, int64_t offset)
{
    struct buf b = {0};
    buf_reserve(&b, escaped.n + 192);
    struct str session = room;
    (void)str_cut(&session, ':');
    jw_open(&b, '{');
    jw_member(&b, "room", room);
    jw_member(&b, "sessionId", session);
    jw_member(&b, "stepId", str_from(step->id));
    jw_key(&b, key);
    buf_char(&b, '"');
    buf_str(&b, escaped);
    buf_char(&b, '"');
    if (offset >= 0)
        jw_member_i64(&b, "offset", offset);
    jw_close(&b, '}');
    struct frame *frame = frame_event(0, STR("agent_session:step:progress"), buf_view(&b));
    buf_fini(&b);
    return frame;
}

struct frame *step_whole(struct step *step, struct str room)
{
    if (!step->whole)
        step->whole = print(step, room, "content", buf_view(&step->text.escaped), -1);
    return step->whole;
}

struct frame *step_since(struct step *step, struct str room, size_t from, int64_t offset)
{
    assert(from <= step->text.escaped.n);
    if (step->since && step->since_from == from)
        return step->since;
    frame_unref(step->since);
    step->since = print(step, room, "delta", str_skip(buf_view(&step->text.escaped), from), offset);
    step->since_from = from;
    return step->since;
}
