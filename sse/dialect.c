// SPDX-License-Identifier: Apache-2.0
#include "sse/dialect.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/json_line.h"
#include "sse/dialect_read.h"
#include "wire/event.h"

// Of one piece of text.
enum { PIECE_BYTES = 32 * 1024 };

struct dialect_reader {
    enum dialect dialect;
    bool is_started, is_over;
    uint64_t state;       // names what this reader has been told: equal in readers that were told the same
    struct frame *ending; // the event with which the session ended, until it is said
    unsigned open_n, open_cap;
    struct dialect_open *open; // in the order in which they were opened
};

static const struct dialect_printer *const printers[DIALECT__MAX] = {
    [DIALECT_AI_SDK] = &dialect_ai_sdk,
    [DIALECT_AG_UI] = &dialect_ag_ui,
};

struct dialect_reader *dialect_reader_new(enum dialect dialect)
{
    struct dialect_reader *reader = mem_zero(sizeof *reader);
    reader->dialect = dialect;
    reader->state = (uint64_t)dialect + 1;
    return reader;
}

void dialect_reader_free(struct dialect_reader *reader)
{
    if (!reader)
        return;
    frame_unref(reader->ending);
    free(reader->open);
    free(reader);
}

bool dialect_is_over(const struct dialect_reader *reader)
{
    return reader->is_over;
}

struct str dialect_headers(enum dialect dialect)
{
    return printers[dialect] ? str_from(printers[dialect]->headers) : STR_NONE;
}

struct frame *dialect_failure(enum dialect dialect, struct str code, struct str message)
{
    struct buf b = {0};
    printers[dialect]->fail(&b, code, message);
    buf_str(&b, str_from(printers[dialect]->done));
    struct frame *frame = frame_bytes(buf_view(&b));
    buf_fini(&b);
    return frame;
}

struct frame *dialect_give_up(struct dialect_reader *reader)
{
    reader->is_over = true;
    return dialect_failure(reader->dialect, STR("session_gone"), STR("The session is no longer there."));
}

// What an event becomes.
struct draft {
    const struct dialect_printer *printer;
    struct buf b;
    enum dialect_effect effect;
    bool starts;
    struct dialect_open open;
};

static struct dialect_open *find(const struct dialect_reader *reader, struct str id)
{
    for (unsigned i = reader->open_n; i-- > 0;)
        if (str_eq(id, str_from(reader->open[i].id)))
            return &reader->open[i];
    return NULL;
}

static uint64_t state_of(const struct dialect_open *open)
{
    uint64_t marks[] = {hash_64(str_from(open->id)),
                        hash_64(str_from(open->agent)),
                        open->has_args,
                        open->version,
                        open->generation,
                        open->escaped,
                        open->shown,
                        open->hash};
    return hash_64((struct str){(const char *)marks, sizeof marks});
}

static void apply(struct dialect_reader *reader, const struct dialect_change *change)
{
    struct dialect_open *open = find(reader, str_from(change->open.id));
    if (change->starts && !reader->is_started) {
        reader->is_started = true;
        reader->state ^= HASH_64_BEGIN;
    }
    switch (change->effect) {
    case DIALECT_NOTHING:
    case DIALECT_STARTS:
        break;
    case DIALECT_OPENS:
        if (reader->open_n == reader->open_cap) {
            reader->open_cap = reader->open_cap ? reader->open_cap * 2 : 4;
            reader->open = mem_grow(reader->open, reader->open_cap * sizeof *reader->open);
        }
        reader->open[reader->open_n++] = change->open;
        reader->state ^= state_of(&change->open);
        break;
    case DIALECT_ALTERS:
        if (!open) // two states of one hash
            break;
        reader->state ^= state_of(open) ^ state_of(&change->open);
        *open = change->open;
        break;
    case DIALECT_CLOSES:
        if (!open)
            break;
        reader->state ^= state_of(open);
        reader->open_n--;
        memmove(open, open + 1, (size_t)(reader->open + reader->open_n - open) * sizeof *open);
        break;
    case DIALECT_ENDS:
        reader->is_over = true;
        break;
    }
}

static struct frame *said(struct dialect_reader *reader, const struct dialect_change *change)
{
    apply(reader, change);
    return change->frame ? frame_ref(change->frame) : NULL;
}

// Keeps the draft for other readers, and is what its maker says. Consumes it.
static struct frame *say(struct dialect_reader *reader, struct dialect_room *room, struct draft *draft, uint64_t what)
{
    struct dialect_change change = {.state = reader->state,
                                    .what = what,
                                    .frame = draft->b.n ? frame_bytes(buf_view(&draft->b)) : NULL,
                                    .effect = draft->effect,
                                    .starts = draft->starts,
                                    .open = draft->open};
    buf_fini(&draft->b);
    return said(reader, dialect_room_keep(room, &change));
}

static void show_more(struct draft *draft, struct str text)
{
    struct dialect_open *open = &draft->open;
    open->hash = hash_64_more(open->hash, text);
    open->shown += text.n;
    while (text.n) {
        int64_t raw;
        size_t n = json_line_prefix(text, PIECE_BYTES, &raw);
        n = n ? n : text.n;
        draft->printer->text(&draft->b, open, (struct str){text.p, n});
        text = str_skip(text, n);
    }
}

// Shows of a whole text what has not been shown; all of it, anew, if it does not continue that.
static void show_whole(struct draft *draft, struct str text)
{
    struct dialect_open *open = &draft->open;
    bool continues =
        text.n >= open->shown && hash_64_more(HASH_64_BEGIN, (struct str){text.p, open->shown}) == open->hash;
    if (!continues) {
        open->version++;
        open->shown = 0;
        open->hash = HASH_64_BEGIN;
        draft->printer->replace(&draft->b, open);
    }
    show_more(draft, str_skip(text, open->shown));
}

static void keep_text(char *to, size_t size, struct str text)
{
    int64_t raw;
    size_t n = text.n < size ? text.n : json_line_prefix(text, size - 1, &raw);
    memset(to, 0, size);
    memcpy(to, text.p ? text.p : "", n);
}

static void open_step(const struct dialect_reader *reader, struct draft *draft, const struct dialect_step *step)
{
    struct dialect_open *open = &draft->open;
    const struct dialect_open *parent = find(reader, step->parent);
    memset(open, 0, sizeof *open);
    keep_text(open->id, sizeof open->id, step->id);
    keep_text(open->parent, sizeof open->parent, step->parent);
    keep_text(open->type, sizeof open->type, step->type);
    keep_text(open->name, sizeof open->name, step->name);
    if (parent)
        memcpy(open->agent, parent->form == FORM_AGENT ? parent->id : parent->agent, sizeof open->agent);
    open->form = (uint8_t)dialect_read_form(step->type);
    open->hash = HASH_64_BEGIN;
    if (str_to_i64(step->number, &open->number))
        open->number = 0;
    draft->printer->open(&draft->b, step, open);
    if (open->form == FORM_TOOL) {
        struct dialect_step known = *step;
        struct dialect_tool tool;
        // The beginning of a content is no arguments.
        known.content = step->is_cut ? STR_NONE : step->content;
        dialect_read_tool(&tool, &known);
        draft->printer->call(&draft->b, open, &tool, true);
        open->has_args = tool.args.n > 0;
    } else if (dialect_is_text(open) && !step->is_cut) {
        show_whole(draft, dialect_read_text(step->content));
    }
}

static void close_step(struct draft *draft, const struct dialect_step *step)
{
    struct dialect_tool tool = {0};
    struct dialect_open *open = &draft->open;
    struct str text = dialect_read_text(step->content);
    if (dialect_is_text(open) && text.n) {
        show_whole(draft, text);
    } else if (open->form == FORM_TOOL) {
        dialect_read_tool(&tool, step);
        if (!tool.args.n)
            tool.args = STR("{}");
        if (!open->has_args)
            draft->printer->call(&draft->b, open, &tool, false);
    }
    draft->printer->close(&draft->b, step, open, &tool);
}

// A run that is announced by an event other than its first, as the others are gone, has only its id.
static void start(const struct dialect_reader *reader, struct draft *draft, struct str body)
{
    struct dialect_run run;
    if (reader->is_started)
        return;
    if (!dialect_read_run(&run, body))
        run = (struct dialect_run){.id = dialect_read_string(json_line_member(body, STR("sessionId")))};
    draft->printer->start(&draft->b, &run);
    draft->starts = true;
}

static int draft_step(struct dialect_reader *reader, struct dialect_room *room, struct draft *draft, enum event kind,
                      struct str body)
{
    struct dialect_step step;
    if (!dialect_read_step(&step, body))
        return 0;
    const struct dialect_open *before = find(reader, step.id);
    bool ends = kind == EVENT_STEP_COMPLETED;
    struct str whole;
    if (ends && step.is_cut) {
        if (!dialect_room_content(room, step.id, &whole))
            return -1;
        step.content = whole.p ? whole : step.content;
        step.is_cut = false;
    }
    start(reader, draft, body);
    if (before)
        draft->open = *before;
    // An open step is told as it was then, a change as the step is now, which may be over: its end comes later.
    if (kind == EVENT_STEP_UPDATED) {
        if (!before || !step.completed_at.p)
            draft->printer->change(&draft->b, &step);
        return 0;
    }
    if (!before)
        open_step(reader, draft, &step);
    if (ends)
        close_step(draft, &step);
    draft->effect = ends ? (before ? DIALECT_CLOSES : DIALECT_NOTHING) : (before ? DIALECT_NOTHING : DIALECT_OPENS);
    return 0;
}

int dialect_hear(struct dialect_reader *reader, struct dialect_room *room, struct frame *event, struct frame **result)
{
    struct str name, body;
    *result = NULL;
    if (!dialect_read_frame(event, &name, &body))
        return 0;
    enum event kind = event_named(name);
    bool is_step = kind == EVENT_STEP_STARTED || kind == EVENT_STEP_COMPLETED || kind == EVENT_STEP_UPDATED;
    if (event_ends_session(kind) || kind == EVENT_SESSION_STARTED || kind == EVENT_SESSION_UPDATED) {
        // A session that runs again has not ended.
        bool ends = event_ends_session(kind);
        struct dialect_run run;
        bool is_running = dialect_read_run(&run, body) && str_eq(run.status, STR("running"));
        if (ends || is_running) {
            frame_unref(reader->ending);
            reader->ending = ends ? frame_ref(event) : NULL;
        }
    } else if (!is_step && kind != EVENT_SESSION_REQUESTED) {
        return 0;
    }
    uint64_t what = (uint64_t)event->seq << 1 | 1;
    const struct dialect_change *known = dialect_room_find(room, reader->state, what);
    if (known) {
        *result = said(reader, known);
        return 0;
    }
    struct draft draft = {.printer = printers[reader->dialect]};
    if (is_step && draft_step(reader, room, &draft, kind, body)) {
        buf_fini(&draft.b);
        return -1;
    }
    if (!is_step)
        start(reader, &draft, body);
    *result = say(reader, room, &draft, what);
    return 0;
}

struct frame *dialect_hear_text(struct dialect_reader *reader, struct dialect_room *room, const struct step *step)
{
    const struct dialect_open *before = find(reader, str_from(step->id));
    struct str escaped = buf_view(&step->text.escaped);
    if (!before)
        return NULL;
    uint64_t marks[] = {(uint64_t)step->start_seq, step->text.generation, escaped.n};
    uint64_t what = hash_64((struct str){(const char *)marks, sizeof marks}) << 1;
    const struct dialect_change *known = dialect_room_find(room, reader->state, what);
    if (known)
        return said(reader, known);
    struct draft draft = {.printer = printers[reader->dialect], .effect = DIALECT_ALTERS, .open = *before};
    bool grows = before->generation == step->text.generation && before->escaped <= escaped.n &&
                 (before->escaped > 0 || before->shown == 0);
    struct str news = grows ? str_skip(escaped, before->escaped) : escaped;
    // Counted and compared as it is printed, as are the texts of events.
    struct buf line = {0};
    buf_reserve(&line, json_line_length(news));
    line.n = (size_t)(json_line_print(line.p, news) - line.p);
    if (grows)
        show_more(&draft, buf_view(&line));
    else
        show_whole(&draft, buf_view(&line));
    buf_fini(&line);
    draft.open.generation = step->text.generation;
    draft.open.escaped = escaped.n;
    return say(reader, room, &draft, what ? what : 2);
}

struct frame *dialect_settle(struct dialect_reader *reader, struct dialect_room *room)
{
    if (!reader->ending || reader->is_over)
        return NULL;
    struct str name, body;
    struct dialect_run run;
    uint64_t what = hash_64(frame_whole(reader->ending)) << 1;
    const struct dialect_change *known = dialect_room_find(room, reader->state, what);
    if (known)
        return said(reader, known);
    struct draft draft = {.printer = printers[reader->dialect], .effect = DIALECT_ENDS};
    (void)dialect_read_frame(reader->ending, &name, &body);
    (void)dialect_read_run(&run, body);
    // The last that was opened first: what belongs to another agent ends before it.
    for (unsigned i = reader->open_n; i-- > 0;)
        draft.printer->interrupt(&draft.b, &reader->open[i]);
    draft.printer->end(&draft.b, &run);
    buf_str(&draft.b, str_from(draft.printer->done));
    return say(reader, room, &draft, what ? what : 2);
}
