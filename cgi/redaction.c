// SPDX-License-Identifier: Apache-2.0
#include "cgi/redaction.h"

#include "cgi/body.h"
#include "cgi/problem.h"
#include "base/clock.h"
#include "base/id.h"
#include "store/pg.h"
#include "store/redaction.h"

// Compiled rules of the workspaces that this worker writes to; the one that was used longest ago makes room.
enum { WORKSPACES = 8 };
static struct kept {
    char workspace[ID_SIZE];
    struct redactor *rules; // NULL: there are none
    int64_t read_ns, used_ns;
} cache[WORKSPACES];

static bool is_of(const struct kept *kept, struct str workspace)
{
    return str_eq(str_from(kept->workspace), workspace);
}

static struct kept *place_of(struct str workspace)
{
    struct kept *oldest = &cache[0];
    for (int i = 0; i < WORKSPACES; i++) {
        if (is_of(&cache[i], workspace))
            return &cache[i];
        if (cache[i].used_ns < oldest->used_ns)
            oldest = &cache[i];
    }
    return oldest;
}

// NULL for no rules.
static struct redactor *compile(const struct store_answer *answer)
{
    struct redactor *rules = redactor_new();
    for (int row = 0; row < store_answer_rows(answer); row++) {
        struct str name, pattern;
        store_redaction_read(answer, row, &name, &pattern);
        redactor_add_checked(rules, name, pattern);
    }
    if (!redactor_is_empty(rules))
        return rules;
    redactor_free(rules);
    return NULL;
}

int redaction_find_workspace(struct request *r, struct str workspace)
{
    struct kept *kept = place_of(workspace);
    int64_t now = clock_mono_ns();
    bool is_fresh = is_of(kept, workspace) && now - kept->read_ns < REDACTION_KEPT_S * INT64_C(1000000000);
    if (!is_fresh) {
        struct store_answer answer = store_redaction_rules(r->worker->pg, request_keep(r, workspace));
        if (answer.outcome != STORE_OK) {
            store_answer_fini(&answer);
            return -1;
        }
        redactor_free(kept->rules);
        *kept = (struct kept){.rules = compile(&answer), .read_ns = now};
        memcpy(kept->workspace, workspace.p, workspace.n);
        store_answer_fini(&answer);
    }
    kept->used_ns = now;
    r->redact = kept->rules;
    return 0;
}

int redaction_find(struct request *r, const struct route *route)
{
    static const struct str below = {"/api/workspaces/{ws}/", 21};
    bool has_texts = route->body == BODY_JSON || route->body == BODY_RAW;
    if (!has_texts || r->method == METHOD_GET || !str_starts(str_from(route->pattern), below))
        return 0;
    return redaction_find_workspace(r, r->id[0]) ? problem_database(r) : 0;
}

// What the members of bodies are. Of those without a row strings are looked at, and neither keys nor numbers.
static const struct place {
    const char *top, *key; // NULL: any
    enum redactor_what what;
} places[] = {
    {"op", NULL, REDACTOR_NOTHING},
    {"stepType", NULL, REDACTOR_NOTHING},
    {"type", NULL, REDACTOR_NOTHING},
    {"status", NULL, REDACTOR_NOTHING},
    {"role", NULL, REDACTOR_NOTHING},
    {"thumb", NULL, REDACTOR_NOTHING},
    {"scopes", NULL, REDACTOR_NOTHING},
    {"heartbeat", NULL, REDACTOR_NOTHING},
    {"startedAt", NULL, REDACTOR_NOTHING},
    {"completedAt", NULL, REDACTOR_NOTHING},
    {"externalId", NULL, REDACTOR_NOTHING},
    {"clientMessageId", NULL, REDACTOR_NOTHING},
    {"workerId", NULL, REDACTOR_NOTHING},
    {"messages", "id", REDACTOR_NOTHING},
    {"messages", "role", REDACTOR_NOTHING},
    {"messages", "type", REDACTOR_NOTHING},
    {"source", "kind", REDACTOR_NOTHING},
    {"sources", "type", REDACTOR_NOTHING},
    {"sources", "timestamp", REDACTOR_NOTHING},
    {"content", "resultCount", REDACTOR_NOTHING},
    {"content", "expiresAt", REDACTOR_NOTHING},
    {"content", NULL, REDACTOR_ALL},
    {"input", NULL, REDACTOR_ALL},
    {"output", NULL, REDACTOR_ALL},
    {"attributes", NULL, REDACTOR_ALL},
    {"events", NULL, REDACTOR_ALL},
    {"links", NULL, REDACTOR_ALL},
    {"metadata", NULL, REDACTOR_ALL},
};

static bool fits(const char *wanted, struct str found)
{
    return !wanted || str_eq(str_from(wanted), found);
}

static enum redactor_what what_of(struct str top, struct str key)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (fits(places[i].top, top) && fits(places[i].key, key))
            return places[i].what;
    return REDACTOR_STRINGS;
}

int redaction_parse(struct request *r, struct str raw, json_t **object)
{
    int status = body_parse(r, raw, object);
    r->received = raw;
    if (status || !r->redact)
        return status;
    struct buf redacted = {0};
    if (redactor_json(r->redact, what_of, &redacted, raw)) {
        struct str text = {buf_cstr(&redacted), redacted.n};
        request_take(r, redacted.p);
        json_decref(*object);
        r->is_redacted = true;
        return body_parse(r, text, object);
    }
    buf_fini(&redacted);
    return 0;
}

struct str redaction_finished(struct str text)
{
    while (text.n && !strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    return text;
}
