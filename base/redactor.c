// SPDX-License-Identifier: Apache-2.0
#include "base/redactor.h"

#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/pattern.h"

enum { GROWTH_MAX = 4096 };
static const int64_t TEXT_MAX_NS = 1000000000;

struct rule {
    char *shown; // "[redacted:NAME]"
    size_t shown_n;
    struct pattern *pattern;
};

struct redactor {
    struct rule rules[REDACTOR_RULES_MAX];
    int n;
};

struct redactor *redactor_new(void)
{
    return mem_zero(sizeof(struct redactor));
}

void redactor_free(struct redactor *rules)
{
    if (!rules)
        return;
    for (int i = 0; i < rules->n; i++) {
        free(rules->rules[i].shown);
        pattern_free(rules->rules[i].pattern);
    }
    free(rules);
}

bool redactor_is_empty(const struct redactor *rules)
{
    return rules->n == 0;
}

bool redactor_is_name(struct str name)
{
    if (name.n == 0 || name.n > REDACTOR_NAME_MAX || name.p[0] == '-')
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!(name.p[i] >= 'a' && name.p[i] <= 'z') && !(name.p[i] >= '0' && name.p[i] <= '9') && name.p[i] != '-')
            return false;
    return true;
}

int redactor_add(struct redactor *rules, struct str name, struct str pattern, const char **why)
{
    *why = "is one too many";
    if (rules->n == REDACTOR_RULES_MAX)
        return -1;
    struct pattern *compiled = pattern_new(pattern.p, pattern.n, why);
    if (!compiled)
        return -1;
    struct buf shown = {0};
    buf_printf(&shown, "[redacted:%.*s]", (int)name.n, name.p);
    struct rule *rule = &rules->rules[rules->n++];
    *rule = (struct rule){.shown_n = shown.n, .pattern = compiled};
    rule->shown = buf_take(&shown);
    return 0;
}

void redactor_add_checked(struct redactor *rules, struct str name, struct str pattern)
{
    const char *why;
    if (redactor_add(rules, name, pattern, &why) == 0)
        return;
    log_error("the pattern of redaction rule %.*s %s: whole texts are taken out", (int)name.n, name.p, why);
    if (redactor_add(rules, name, STR("(?s).+"), &why))
        abort();
}

// Where a rule matches next. What was found stays true until the place behind which is looked has passed it.
struct found {
    size_t begin, end;
    bool is_none;
};

struct search {
    const struct redactor *rules;
    struct str text;
    size_t at;
    struct found found[REDACTOR_RULES_MAX];
    size_t shown;   // where the next "[redacted:" stands, or the text's length
    int shown_rule; // whose it is
};

static void find_match(struct search *s, int i)
{
    struct found *found = &s->found[i];
    found->is_none = !pattern_find(s->rules->rules[i].pattern, s->text.p, s->text.n, s->at, &found->begin, &found->end);
}

static int rule_shown_at(const struct search *s, size_t at)
{
    for (int i = 0; i < s->rules->n; i++) {
        const struct rule *rule = &s->rules->rules[i];
        if (str_starts(str_skip(s->text, at), (struct str){rule->shown, rule->shown_n}))
            return i;
    }
    return -1;
}

// What was redacted before, at `at` or behind it.
static void find_shown(struct search *s)
{
    static const char opening[] = "[redacted:";
    for (size_t at = s->at;; at++) {
        const char *p = memmem(s->text.p + at, s->text.n - at, opening, sizeof opening - 1);
        s->shown = p ? (size_t)(p - s->text.p) : s->text.n;
        s->shown_rule = p ? rule_shown_at(s, s->shown) : -1;
        if (!p || s->shown_rule >= 0)
            return;
        at = s->shown;
    }
}

// The rule whose match or mark comes first, and where that is; -1: there is none.
static int next_rule(struct search *s, struct found *next)
{
    int best = -1;
    *next = (struct found){s->text.n, s->text.n, false};
    if (s->shown < s->at)
        find_shown(s);
    for (int i = 0; i < s->rules->n; i++) {
        if (!s->found[i].is_none && s->found[i].begin < s->at)
            find_match(s, i);
        if (!s->found[i].is_none && s->found[i].begin < next->begin) {
            best = i;
            *next = s->found[i];
        }
    }
    if (s->shown_rule >= 0 && s->shown <= next->begin) {
        best = s->shown_rule;
        *next = (struct found){s->shown, s->shown + s->rules->rules[best].shown_n, false};
    }
    return best;
}

static void begin_search(struct search *s, const struct redactor *rules, struct str text)
{
    *s = (struct search){.rules = rules, .text = text};
    for (int i = 0; i < rules->n; i++)
        find_match(s, i);
    find_shown(s);
}

static void show(struct buf *out, const struct rule *rule)
{
    buf_bytes(out, rule->shown, rule->shown_n);
}

bool redactor_text(const struct redactor *rules, struct buf *out, struct str text)
{
    struct search s;
    struct found next;
    size_t from = out->n;
    int64_t began_ns = clock_mono_ns();
    int before = -1;
    begin_search(&s, rules, text);
    for (int i; (i = next_rule(&s, &next)) >= 0;) {
        const struct rule *rule = &rules->rules[i];
        buf_bytes(out, text.p + s.at, next.begin - s.at);
        // Matches side by side are shown as one.
        if (i != before || next.begin != s.at)
            show(out, rule);
        before = i;
        s.at = next.end;
        bool is_slow = clock_mono_ns() - began_ns > TEXT_MAX_NS;
        if (is_slow)
            log_warning("%s took too long on a text of %zu bytes, whose rest was taken out", rule->shown, text.n);
        if (is_slow)
            s.at = text.n;
        if (out->n - from > text.n + GROWTH_MAX) {
            out->n = from;
            show(out, rule);
            return true;
        }
    }
    buf_bytes(out, text.p + s.at, text.n - s.at);
    return !str_eq((struct str){out->p + from, out->n - from}, text);
}
