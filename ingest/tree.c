// SPDX-License-Identifier: Apache-2.0
#include "ingest/tree.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include "ingest/notes.h"
#include "ingest/rules.h"
#include "ingest/step_id.h"

enum {
    FLUSH_PUTS = 512,
    FLUSH_BYTES = 8 * 1024 * 1024, // what waits for the sink
    STEPS_UP_MAX = 64              // hidden spans between a step and its parent
};

struct waiting {
    struct str trace, parent; // external ids
    bool is_task;             // its usage is the sum of a whole trace
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

// The step that a span stands under: the nearest one upward that is a step.
static struct str parent_step(struct tree *tree, const struct waiting *w)
{
    struct str parent = w->parent;
    char id[ID_SIZE];
    for (int i = 0; i < STEPS_UP_MAX && parent.n; i++) {
        struct str above = notes_get(&tree->notes, NOTE_HIDDEN, w->trace, parent);
        if (!above.p)
            break;
        parent = above;
    }
    if (!parent.n)
        return STR_NONE;
    struct str alias = notes_get(&tree->notes, NOTE_ALIAS, w->trace, parent);
    step_id(id, alias.p ? alias : parent);
    return arena_str(&tree->arena, str_from(id));
}

int tree_flush(struct tree *tree)
{
    if (tree->has_failed)
        return -1;
    for (size_t i = 0; i < tree->n; i++) {
        const struct waiting *w = &tree->waiting[i];
        struct step_put *put = &tree->puts[i];
        put->session.may_create = notes_get(&tree->notes, NOTE_AI, w->trace, STR_NONE).p != NULL;
        if (!put->step)
            continue;
        put->step->parent_id = parent_step(tree, w);
        // A step is never its own parent, whatever a client says.
        if (str_eq(put->step->parent_id, str_from(put->step->id)))
            put->step->parent_id = STR_NONE;
        if (w->is_task) {
            put->step->usage.is_sum = notes_get(&tree->notes, NOTE_COUNTED, w->trace, STR_NONE).p != NULL;
            put->step->usage.is_total = !put->step->usage.is_sum;
        }
        tree->counts.steps++;
    }
    if (tree->n && tree->sink.put(tree->sink.context, tree->puts, tree->n))
        tree->has_failed = true;
    tree->n = 0;
    arena_clear(&tree->arena);
    return tree->has_failed ? -1 : 0;
}

static void note(struct tree *tree, const struct span *s, const struct step_type *type)
{
    bool is_ai = tree->options.takes_all || types_is_ai(s);
    if (type->class == CLASS_HIDDEN)
        notes_set(&tree->notes, NOTE_HIDDEN, s->trace, s->id, s->parent);
    else if (is_ai)
        notes_set(&tree->notes, NOTE_AI, s->trace, STR_NONE, STR_NONE);
    if (s->alias.p)
        notes_set(&tree->notes, NOTE_ALIAS, s->trace, s->alias, s->id);
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

static int add_put(struct tree *tree, struct span *s, const struct step_type *type)
{
    const struct make_options *make = &tree->options.make;
    struct step_put *put = &tree->puts[tree->n];
    struct waiting *w = &tree->waiting[tree->n];
    put->step = type ? make_step(&tree->arena, s, type, make) : NULL;
    put->session = make_session(&tree->arena, s, put->step, make);
    *w = (struct waiting){.trace = put->session.external_id, .parent = arena_str(&tree->arena, s->parent)};
    if (type && s->dialect->sums_tasks) {
        if (put->step->has_usage && type->class == CLASS_MODEL)
            notes_set(&tree->notes, NOTE_COUNTED, s->trace, STR_NONE, STR_NONE);
        w->is_task = put->step->is_root && type->class == CLASS_AGENT;
    }
    tree->n++;
    return tree->n == FLUSH_PUTS || tree->arena.bytes > FLUSH_BYTES ? tree_flush(tree) : 0;
}

int tree_add(struct tree *tree, struct span *s)
{
    char own[65];
    assert(s->trace.n);
    if (tree->has_failed)
        return -1;
    if (!s->id.n) {
        notes_set(&tree->notes, NOTE_AI, s->trace, STR_NONE, STR_NONE);
        return add_put(tree, s, NULL);
    }
    struct step_type type = type_of(tree, s, own);
    note(tree, s, &type);
    if (type.class == CLASS_HIDDEN) {
        tree->counts.hidden++;
        return 0;
    }
    return add_put(tree, s, &type);
}
