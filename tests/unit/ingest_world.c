// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ingest_world.h"

#include <assert.h>
#include "base/clock.h"
#include "base/utf8.h"

enum { SHOWN_MAX = 160 };

void world_fini(struct world *w)
{
    arena_clear(&w->arena);
}

static size_t find_session(struct world *w, const struct step_session *session)
{
    size_t i = 0;
    while (i < w->sessions_n && !(str_eq(w->sessions[i].external_id, session->external_id) &&
                                  str_eq(w->sessions[i].source, session->source)))
        i++;
    return i;
}

static struct world_step *find_step(struct world *w, size_t session, const char *id)
{
    for (size_t i = 0; i < w->steps_n; i++)
        if (w->steps[i].session == session && strcmp(w->steps[i].step.id, id) == 0)
            return &w->steps[i];
    return NULL;
}

// A text as put has it: `replaces` if the later write wins.
static bool put_text(struct world *w, struct str *kept, struct str said, bool replaces)
{
    if (!said.p || (kept->p && (!replaces || str_eq(*kept, said))))
        return false;
    *kept = arena_str(&w->arena, said);
    return true;
}

static bool put_time(int64_t *kept, int64_t said, bool replaces)
{
    if (!said || *kept == said || (*kept && !replaces))
        return false;
    *kept = said;
    return true;
}

static bool put_step(struct world *w, struct step *kept, const struct step *said)
{
    bool was_ended = kept->ended_us != 0, replaces = !was_ended;
    bool is_changed = false;
    // A start that comes after the end only fills.
    if (was_ended && !said->ended_us)
        replaces = false;
    is_changed |= put_text(w, &kept->name, said->name, replaces);
    is_changed |= put_text(w, &kept->type, said->type, replaces);
    is_changed |= put_text(w, &kept->kind, said->kind, replaces);
    is_changed |= put_text(w, &kept->parent_id, said->parent_id, replaces);
    is_changed |= put_text(w, &kept->content, said->content, replaces);
    is_changed |= put_text(w, &kept->input, said->input, replaces);
    is_changed |= put_text(w, &kept->output, said->output, replaces);
    is_changed |= put_text(w, &kept->attributes, said->attributes, replaces);
    is_changed |= put_text(w, &kept->events, said->events, replaces);
    is_changed |= put_text(w, &kept->links, said->links, replaces);
    is_changed |= put_text(w, &kept->sources, said->sources, replaces);
    is_changed |= put_text(w, &kept->model, said->model, replaces);
    is_changed |= put_text(w, &kept->error_code, said->error_code, replaces);
    is_changed |= put_text(w, &kept->error_message, said->error_message, replaces);
    is_changed |= put_time(&kept->started_us, said->started_us, replaces);
    is_changed |= put_time(&kept->ended_us, said->ended_us, replaces);
    if (said->is_failed && !kept->is_failed)
        is_changed = kept->is_failed = true;
    if (said->has_usage && !kept->has_usage) {
        kept->usage = said->usage;
        is_changed = kept->has_usage = true;
    }
    return is_changed;
}

static bool put_session(struct world *w, struct step_session *kept, const struct step_session *said)
{
    bool is_changed = false, is_better = said->title_rank > kept->title_rank;
    is_changed |= put_text(w, &kept->client, said->client, false);
    is_changed |= put_text(w, &kept->client_version, said->client_version, false);
    is_changed |= put_text(w, &kept->thread_key, said->thread_key, false);
    is_changed |= put_text(w, &kept->user_id, said->user_id, false);
    is_changed |= put_text(w, &kept->environment, said->environment, false);
    is_changed |= put_text(w, &kept->project, said->project, false);
    is_changed |= put_text(w, &kept->title, said->title, is_better);
    is_changed |= put_text(w, &kept->tags, said->tags, false);
    is_changed |= put_text(w, &kept->metadata, said->metadata, false);
    is_changed |= put_text(w, &kept->system_prompt, said->system_prompt, false);
    is_changed |= put_text(w, &kept->tools, said->tools, false);
    is_changed |= put_text(w, &kept->error_code, said->error_code, false);
    is_changed |= put_text(w, &kept->error_message, said->error_message, false);
    is_changed |= put_time(&kept->ended_us, said->ended_us, false);
    if (is_better)
        kept->title_rank = said->title_rank;
    if (said->outcome != SESSION_RUNNING && kept->outcome == SESSION_RUNNING)
        kept->outcome = said->outcome;
    return is_changed;
}

static struct step *new_step(struct world *w, size_t session, const struct step *said)
{
    assert(w->steps_n < WORLD_STEPS_MAX);
    struct world_step *new = &w->steps[w->steps_n];
    *new = (struct world_step){.session = session, .arrival = w->steps_n++};
    memcpy(new->step.id, said->id, sizeof new->step.id);
    new->step.is_root = said->is_root;
    return &new->step;
}

static int take(void *context, const struct step_put *puts, size_t n)
{
    struct world *w = context;
    if (w->is_down)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct step_put *put = &puts[i];
        size_t session = find_session(w, &put->session);
        bool is_changed = session == w->sessions_n;
        if (is_changed && !put->session.may_create) {
            w->homeless++;
            continue;
        }
        if (is_changed) {
            assert(w->sessions_n < WORLD_SESSIONS_MAX);
            w->sessions[w->sessions_n++] = (struct step_session){
                .source = put->session.source, .external_id = arena_str(&w->arena, put->session.external_id)};
        }
        is_changed |= put_session(w, &w->sessions[session], &put->session);
        if (put->step) {
            struct world_step *kept = find_step(w, session, put->step->id);
            is_changed |= put_step(w, kept ? &kept->step : new_step(w, session, put->step), put->step);
        }
        w->changes += is_changed;
    }
    return 0;
}

struct tree_sink world_sink(struct world *w)
{
    return (struct tree_sink){take, w};
}

static bool comes_before(const struct world_step *a, const struct world_step *b)
{
    if (a->step.started_us != b->step.started_us)
        return a->step.started_us < b->step.started_us;
    return a->arrival < b->arrival;
}

static bool is_child_of(struct world *w, const struct world_step *child, const struct world_step *parent)
{
    struct str named = child->step.parent_id;
    if (parent)
        return child->session == parent->session && str_eq(named, str_from(parent->step.id));
    return !named.p || !find_step(w, child->session, named.p);
}

typedef void print_line(struct buf *out, const struct world *w, const struct world_step *step, int depth, bool is_lost);

static void print_children(struct world *w, struct buf *out, size_t session, const struct world_step *parent, int depth,
                           print_line *print)
{
    const struct world_step *last = NULL;
    for (;;) {
        const struct world_step *next = NULL;
        for (size_t i = 0; i < w->steps_n; i++) {
            const struct world_step *s = &w->steps[i];
            if (s->session == session && is_child_of(w, s, parent) && (!last || comes_before(last, s)) &&
                (!next || comes_before(s, next)))
                next = s;
        }
        if (!next)
            return;
        print(out, w, next, depth, !parent && next->step.parent_id.p);
        if (depth < 100)
            print_children(w, out, session, next, depth + 1, print);
        last = next;
    }
}

static void print_step_line(struct buf *out, const struct world *w, const struct world_step *s, int depth, bool is_lost)
{
    const struct step *step = &s->step;
    (void)w;
    buf_printf(out, "%*s", depth * 2, "");
    buf_str(out, step->name);
    buf_lit(out, " [");
    buf_str(out, step->kind.n ? step->kind : STR("-"));
    buf_str(out, step->ended_us ? STR("] ended") : STR("] open"));
    if (step->is_failed)
        buf_lit(out, " ERROR");
    if (is_lost)
        buf_printf(out, " (parent %s never came)", step->parent_id.p);
    buf_char(out, '\n');
}

void world_print_tree(struct world *w, struct buf *out)
{
    for (size_t i = 0; i < w->sessions_n; i++)
        print_children(w, out, i, NULL, 0, print_step_line);
}

static void print_field(struct buf *out, int indent, const char *name, struct str text)
{
    if (!text.p)
        return;
    struct str shown = utf8_prefix(text, SHOWN_MAX);
    buf_printf(out, "%*s%s: ", indent, "", name);
    for (size_t i = 0; i < shown.n; i++)
        buf_char(out, shown.p[i] == '\n' ? '|' : shown.p[i]);
    if (shown.n < text.n)
        buf_printf(out, "… (%zu)", text.n);
    buf_char(out, '\n');
}

static void print_usage(struct buf *out, int indent, const struct step *step)
{
    static const char *const names[USAGE__MAX] = {"in", "out", "reasoning", "cache-read", "cache-write", "total"};
    if (!step->has_usage)
        return;
    buf_printf(out, "%*susage:", indent, "");
    for (size_t i = 0; i < USAGE__MAX; i++)
        if (step->usage.counts[i] >= 0)
            buf_printf(out, " %s %lld", names[i], (long long)step->usage.counts[i]);
    if (step->usage.cost_usd >= 0)
        buf_printf(out, " cost %.6g", step->usage.cost_usd);
    buf_str(out, step->usage.is_sum ? STR(" (sum)\n") : STR("\n"));
}

static void print_step(struct buf *out, const struct world *w, const struct world_step *s, int depth, bool is_lost)
{
    const struct step *step = &s->step;
    int indent = depth * 2 + 2;
    (void)w;
    buf_printf(out, "%*s- %s %s", depth * 2, "", step->type.p, step->ended_us ? "ended" : "open");
    if (step->ended_us)
        buf_printf(out, " %lld ms", (long long)(step->ended_us - step->started_us) / 1000);
    buf_str(out, is_lost ? STR(" orphan: ") : STR(": "));
    buf_str(out, utf8_prefix(step->name, SHOWN_MAX));
    buf_char(out, '\n');
    print_field(out, indent, "content", step->content);
    print_field(out, indent, "input", step->input);
    print_field(out, indent, "output", step->output);
    print_field(out, indent, "sources", step->sources);
    print_field(out, indent, "model", step->model);
    print_usage(out, indent, step);
    if (step->is_failed) {
        print_field(out, indent, "error", step->error_code);
        print_field(out, indent, "message", step->error_message);
    }
    print_field(out, indent, "attributes", step->attributes);
    print_field(out, indent, "events", step->events);
    print_field(out, indent, "links", step->links);
}

// By the root, whose end may have been told by a message that does not say that it is one.
static const char *root_state(const struct world *w, size_t session)
{
    for (size_t i = 0; i < w->steps_n; i++) {
        const struct step *s = &w->steps[i].step;
        if (w->steps[i].session == session && s->is_root && s->ended_us)
            return s->is_failed ? "failed" : "completed";
    }
    return "running";
}

static void print_totals(struct buf *out, const struct world *w, size_t session)
{
    int64_t in = 0, out_tokens = 0;
    for (size_t i = 0; i < w->steps_n; i++) {
        const struct step *s = &w->steps[i].step;
        if (w->steps[i].session != session || !s->has_usage || s->usage.is_sum || !s->ended_us)
            continue;
        in += s->usage.counts[USAGE_INPUT] > 0 ? s->usage.counts[USAGE_INPUT] : 0;
        out_tokens += s->usage.counts[USAGE_OUTPUT] > 0 ? s->usage.counts[USAGE_OUTPUT] : 0;
    }
    buf_printf(out, "  tokens: %lld in, %lld out\n", (long long)in, (long long)out_tokens);
}

void world_print_all(struct world *w, struct buf *out)
{
    for (size_t i = 0; i < w->sessions_n; i++) {
        const struct step_session *s = &w->sessions[i];
        buf_printf(out, "session %s %s, root %s\n", s->source.p, s->external_id.p,
                   s->outcome == SESSION_CANCELLED ? "cancelled" : root_state(w, i));
        print_field(out, 2, "title", s->title);
        print_field(out, 2, "thread", s->thread_key);
        print_field(out, 2, "user", s->user_id);
        print_field(out, 2, "environment", s->environment);
        print_field(out, 2, "project", s->project);
        print_field(out, 2, "client", s->client);
        print_field(out, 2, "version", s->client_version);
        print_field(out, 2, "tags", s->tags);
        print_field(out, 2, "metadata", s->metadata);
        print_field(out, 2, "system", s->system_prompt);
        print_field(out, 2, "tools", s->tools);
        print_field(out, 2, "error", s->error_code);
        print_field(out, 2, "message", s->error_message);
        print_totals(out, w, i);
        print_children(w, out, i, NULL, 0, print_step);
    }
}
