// SPDX-License-Identifier: Apache-2.0
#include "sse/step.h"

#include <assert.h>
#include <stdlib.h>
#include "base/json_line.h"
#include "base/jw.h"
#include "sse/event_bound.h"

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

// The rest of an event beside the text.
enum { AROUND_BYTES = 512 };

// One event. A delta has its offset; a content has none.
static struct frame *print_piece(const struct step *step, struct str room, bool is_delta, struct str escaped,
                                 int64_t offset)
{
    struct buf b = {0};
    buf_reserve(&b, escaped.n + AROUND_BYTES);
    struct str session = room;
    (void)str_cut(&session, ':');
    jw_open(&b, '{');
    jw_member(&b, "room", room);
    jw_member(&b, "sessionId", session);
    jw_member(&b, "stepId", str_from(step->id));
    jw_key(&b, is_delta ? "delta" : "content");
    buf_char(&b, '"');
    buf_str(&b, escaped);
    buf_char(&b, '"');
    if (is_delta)
        jw_member_i64(&b, "offset", offset);
    jw_close(&b, '}');
    struct frame *frame = frame_event(0, STR("agent_session:step:progress"), buf_view(&b));
    buf_fini(&b);
    return frame;
}

// A text that is too long for one event is told in several: the first replaces or continues, as the text does, and each
// further one continues the one before it.
static struct frame *print(const struct step *step, struct str room, bool is_delta, struct str escaped, int64_t offset)
{
    const size_t most = EVENT_BOUND_DATA_BYTES - AROUND_BYTES;
    if (escaped.n <= most / 3 || json_line_length(escaped) <= most)
        return print_piece(step, room, is_delta, escaped, offset);
    struct buf b = {0};
    while (escaped.n) {
        int64_t text;
        size_t n = json_line_prefix(escaped, most, &text);
        n = n ? n : escaped.n; // no JSON: there is no place in it to cut
        struct frame *piece = print_piece(step, room, is_delta, (struct str){escaped.p, n}, offset);
        buf_str(&b, frame_whole(piece));
        frame_unref(piece);
        escaped = str_skip(escaped, n);
        offset += text;
        is_delta = true;
    }
    struct frame *frame = frame_bytes(buf_view(&b));
    buf_fini(&b);
    return frame;
}

struct frame *step_whole(struct step *step, struct str room)
{
    if (!step->whole)
        step->whole = print(step, room, false, buf_view(&step->text.escaped), 0);
    return step->whole;
}

struct frame *step_since(struct step *step, struct str room, size_t from, int64_t offset)
{
    assert(from <= step->text.escaped.n);
    if (step->since && step->since_from == from)
        return step->since;
    frame_unref(step->since);
    step->since = print(step, room, true, str_skip(buf_view(&step->text.escaped), from), offset);
    step->since_from = from;
    return step->since;
}
