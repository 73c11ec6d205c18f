// SPDX-License-Identifier: Apache-2.0
#include "ingest/tree.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include "base/jw.h"
#include "ingest/notes.h"
#include "ingest/rules.h"
#include "ingest/step_id.h"

enum {
    FLUSH_PUTS = 512,
    FLUSH_BYTES = 8 * 1024 * 1024, // what waits for the sink
    STEPS_UP_MAX = 64              // hidden spans between a step and its parent
};

struct waiting {
    struct str trace, parent;  // external ids
    bool is_task;              // its usage is the sum of a whole trace
    bool is_group;             // it has input and output only as the root
    struct step_session *lead; // of a step that may lead, else NULL
};

struct tree {
    struct tree_options options;
    struct tree_sink sink;
    struct tree_counts counts;
    struct arena arena;
    struct notes notes; // of the whole request, not only of what waits
    size_t n;
    bool has_failed;
    struct step_put puts[FLUSH_PUTS];
    struct waiting waiting[FLUSH_PUTS];
};

struct tree *tree_new(const struct tree_options *options, const struct tree_sink *sink)
{
    // What waits is filled before it is read, and large: it is not zeroed for each request.
    struct tree *tree = mem_alloc(sizeof *tree);
    memset(tree, 0, offsetof(struct tree, puts));
    tree->options = *options;
    tree->sink = *sink;
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    arena_clear(&tree->arena);
    notes_fini(&tree->notes);
    free(tree);
}

const struct tree_counts *tree_counts(const struct tree *tree)
{
    return &tree->counts;
}

// The nearest span upward that is a step; empty at the top.
static struct str visible_parent(struct tree *tree, struct str trace, struct str parent)
{
    for (int i = 0; i < STEPS_UP_MAX && parent.n; i++) {
        struct str above = notes_get(&tree->notes, NOTE_HIDDEN, trace, parent);
        if (!above.p)
            break;
        parent = above;
    }
    return parent;
}

// The id of the step that a span stands under. STR_NONE: the top.
static struct str parent_step(struct tree *tree, const struct waiting *w)
{
    struct str parent = visible_parent(tree, w->trace, w->parent);
    char id[ID_SIZE];
    if (!parent.n)
        return STR_NONE;
    struct str alias = notes_get(&tree->notes, NOTE_ALIAS, w->trace, parent);
    step_id(id, alias.p ? alias : parent);
    return arena_str(&tree->arena, str_from(id));
}

// Everything above a step that is said to stand at the top was hidden: it is the root.
static void lead(struct step_put *put, const struct waiting *w)
{
    struct step_session *session = &put->session;
    put->step->is_root = true;
    if (w->lead && w->lead->title_rank > session->title_rank) {
        session->title = w->lead->title;
        session->title_rank = w->lead->title_rank;
    }
    if (!w->lead)
        return;
    session->ended_us = w->lead->ended_us;
    session->outcome = w->lead->outcome;
    session->error_code = w->lead->error_code;
    session->error_message = w->lead->error_message;
}

// What of a step depends on other spans of the request.
static void settle_step(struct tree *tree, struct step_put *put, const struct waiting *w)
{
    struct step *step = put->step;
    step->parent_id = parent_step(tree, w);
    // A step is never its own parent, whatever a client says.
    if (str_eq(step->parent_id, str_from(step->id)))
        step->parent_id = STR_NONE;
    else if (!step->parent_id.p && w->parent.n && !step->is_root)
        lead(put, w);
    if (w->is_group && !step->is_root)
        step->input = step->output = STR_NONE;
    if (w->is_task) {
        step->usage.is_sum = notes_get(&tree->notes, NOTE_COUNTED, w->trace, STR_NONE).p != NULL;
        step->usage.is_total = !step->usage.is_sum;
    } else if (step->has_usage && !step->usage.is_sum) {
        step->usage.is_sum = notes_get(&tree->notes, NOTE_OUTER, w->trace, step->external_id).p != NULL;
    }
    tree->counts.steps++;
}

int tree_flush(struct tree *tree)
{
    if (tree->has_failed)
        return -1;
    for (size_t i = 0; i < tree->n; i++) {
        const struct waiting *w = &tree->waiting[i];
        struct step_put *put = &tree->puts[i];
        put->session.may_create = notes_get(&tree->notes, NOTE_AI, w->trace, STR_NONE).p != NULL;
        if (put->step)
            settle_step(tree, put, w);
        else if (put->hidden)
            put->hidden->parent_id = parent_step(tree, w);
    }
    if (tree->n && tree->sink.put(tree->sink.context, tree->puts, tree->n))
        tree->has_failed = true;
    tree->n = 0;
    arena_clear(&tree->arena);
    return tree->has_failed ? -1 : 0;
}

// The calls of models around another one repeat what it has used. Spans come in any order: who is above is noted as far
// as it is known, and the rest when it comes.
static void note_outer(struct tree *tree, struct str trace, struct str id)
{
    for (int i = 0; i < STEPS_UP_MAX && id.n; i++) {
        if (notes_get(&tree->notes, NOTE_OUTER, trace, id).p)
            return;
        notes_set(&tree->notes, NOTE_OUTER, trace, id, STR_NONE);
        struct str above = notes_get(&tree->notes, NOTE_PARENT, trace, id);
        id = above.p ? above : notes_get(&tree->notes, NOTE_HIDDEN, trace, id);
    }
}

static void note(struct tree *tree, const struct span *s, const struct step_type *type)
{
    bool is_ai = tree->options.takes_all || types_is_ai(s), is_hidden = type->class == CLASS_HIDDEN;
    struct str parent = s->is_remote_parent ? STR_NONE : s->parent;
    if (is_hidden || parent.n)
        notes_set(&tree->notes, is_hidden ? NOTE_HIDDEN : NOTE_PARENT, s->trace, s->id, parent);
    if (!is_hidden && is_ai)
        notes_set(&tree->notes, NOTE_AI, s->trace, STR_NONE, STR_NONE);
    if (s->alias.p)
        notes_set(&tree->notes, NOTE_ALIAS, s->trace, s->alias, s->id);
    if (parent.n && notes_get(&tree->notes, NOTE_OUTER, s->trace, s->id).p)
        note_outer(tree, s->trace, parent);
}

static struct step_type type_of(struct tree *tree, struct span *s, char own[static 65])
{
    struct step_type type = types_of(s, own);
    if (!tree->options.takes_all && types_is_foreign(s))
        type.class = CLASS_HIDDEN;
    else if (tree->options.takes_all && type.class == CLASS_HIDDEN)
        type.class = CLASS_GROUP;
    return type;
}

static int flush_if_full(struct tree *tree)
{
    return tree->n == FLUSH_PUTS || tree->arena.bytes > FLUSH_BYTES ? tree_flush(tree) : 0;
}

static struct step_put *next_put(struct tree *tree, const struct span *s)
{
    struct step_put *put = &tree->puts[tree->n];
    *put =
        (struct step_put){.session = {.external_id = arena_str(&tree->arena, s->trace), .source = s->dialect->source}};
    tree->waiting[tree->n] = (struct waiting){.trace = put->session.external_id};
    tree->n++;
    return put;
}

// What stands under it may have come in earlier requests.
static int add_hidden(struct tree *tree, const struct span *s)
{
    struct step_put *put = next_put(tree, s);
    put->hidden = arena_zero(&tree->arena, sizeof *put->hidden);
    step_id(put->hidden->id, s->id);
    put->hidden->started_us = s->started_us;
    put->hidden->has_ended = s->ended_us != 0;
    if (!s->is_remote_parent)
        tree->waiting[tree->n - 1].parent = arena_str(&tree->arena, s->parent);
    tree->counts.hidden++;
    return flush_if_full(tree);
}

// The steps by which the session of a span is found that does not say its trace: itself, and its parent.
static struct str seeks(struct tree *tree, const struct span *s)
{
    struct buf json = {0};
    char id[ID_SIZE];
    jw_open(&json, '[');
    step_id(id, s->id);
    jw_string(&json, str_from(id));
    if (s->parent.n) {
        step_id(id, s->parent);
        jw_string(&json, str_from(id));
    }
    jw_close(&json, ']');
    struct str kept = arena_str(&tree->arena, buf_view(&json));
    buf_fini(&json);
    return kept;
}

static int add_put(struct tree *tree, struct span *s, const struct step_type *type, bool is_sought)
{
    const struct make_options *make = &tree->options.make;
    struct step_put *put = next_put(tree, s);
    struct waiting *w = &tree->waiting[tree->n - 1];
    struct step *step = put->step = type ? make_step(&tree->arena, s, type, make) : NULL;
    put->session = make_session(&tree->arena, s, step, make);
    *w = (struct waiting){.trace = put->session.external_id, .parent = arena_str(&tree->arena, s->parent)};
    if (is_sought)
        put->session.seeks = seeks(tree, s);
    if (step && step->may_lead) {
        w->lead = make_lead(&tree->arena, s, step, make);
        w->is_group = type->class == CLASS_AGENT;
    }
    if (step && step->has_usage && !step->usage.is_sum && s->parent.n)
        note_outer(tree, s->trace, s->parent);
    if (type && s->dialect->sums_tasks) {
        if (step->has_usage && type->class == CLASS_MODEL)
            notes_set(&tree->notes, NOTE_COUNTED, s->trace, STR_NONE, STR_NONE);
        w->is_task = step->is_root && type->class == CLASS_AGENT;
    }
    return flush_if_full(tree);
}

// The trace of a span that does not say it, by what came before it in the request. True if that is not known either.
static bool find_trace(struct tree *tree, struct span *s)
{
    struct str known = notes_get(&tree->notes, NOTE_TRACE, STR_NONE, s->id);
    if (!known.p && s->parent.n)
        known = notes_get(&tree->notes, NOTE_TRACE, STR_NONE, s->parent);
    if (known.p)
        s->trace = known;
    notes_set(&tree->notes, NOTE_TRACE, STR_NONE, s->id, s->trace);
    return !known.p && (s->parent.n || s->is_parent_unsaid);
}

int tree_add(struct tree *tree, struct span *s)
{
    char own[65];
    assert(s->trace.n);
    if (tree->has_failed)
        return -1;
    bool is_sought = s->id.n && s->is_trace_unsaid && find_trace(tree, s);
    if (!s->id.n) {
        notes_set(&tree->notes, NOTE_AI, s->trace, STR_NONE, STR_NONE);
        return add_put(tree, s, NULL, false);
    }
    struct step_type type = type_of(tree, s, own);
    note(tree, s, &type);
    return type.class == CLASS_HIDDEN ? add_hidden(tree, s) : add_put(tree, s, &type, is_sought);
}
