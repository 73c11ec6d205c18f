// SPDX-License-Identifier: Apache-2.0
// Redaction rules, for admins of the workspace: what is taken out of texts before they are kept. Workers follow a
// change within REDACTION_KEPT_S (cgi/redaction.h).
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/problem.h"
#include "cgi/redaction.h"
#include "cgi/reply.h"
#include "base/jw.h"
#include "store/redaction.h"

enum { SAMPLE_MAX = 64 * 1024 };

static int answer_with(struct request *r, struct store_answer *take_answer, const char *member)
{
    if (take_answer->outcome != STORE_FORBIDDEN)
        return reply_send(r, take_answer, member, false);
    store_answer_fini(take_answer);
    return problem(r, 403, "admin_only", "Only an admin of the workspace may do this.");
}

static int list(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_answer answer = store_redaction_list(r->worker->pg, &caller);
    return answer_with(r, &answer, "rules");
}

static int read_name(struct request *r, struct str *name)
{
    int status = body_text(r, r->body, "name", REQUIRED, 1, REDACTOR_NAME_MAX, name);
    if (!status && !redactor_is_name(*name))
        status = problem_body(r, "name", "must be lower-case letters, digits and hyphens");
    return status;
}

// Adds the pattern of the body to `rules`; none, if it need not be there.
static int add_pattern(struct request *r, enum presence presence, struct redactor *rules, struct str name,
                       struct str *pattern)
{
    const char *why;
    int status = body_text(r, r->body, "pattern", presence, 1, REDACTOR_PATTERN_MAX, pattern);
    if (!status && pattern->p && redactor_add(rules, name, *pattern, &why))
        status = problem_body(r, "pattern", why);
    return status;
}

static int put(struct request *r)
{
    struct str name, pattern;
    const char *seen;
    int status = read_name(r, &name);
    if (!status)
        status = body_was(r, &seen);
    if (status)
        return status;
    struct redactor *rules = redactor_new();
    status = add_pattern(r, REQUIRED, rules, name, &pattern);
    redactor_free(rules);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_redaction_put(r->worker->pg, &caller, request_keep(r, name), request_keep(r, pattern), seen);
    return answer_with(r, &answer, "rule");
}

static int erase(struct request *r)
{
    struct str name;
    const char *seen;
    int status = read_name(r, &name);
    if (!status)
        status = body_was(r, &seen);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_answer answer = store_redaction_remove(r->worker->pg, &caller, request_keep(r, name), seen);
    return answer_with(r, &answer, NULL);
}

// What the one pattern, or else the rules that there are, would leave of a text. Nothing is kept.
static int try(struct request *r)
{
    struct str text, name = STR("try"), pattern = STR_NONE;
    int status = body_text(r, r->body, "text", REQUIRED, 0, SAMPLE_MAX, &text);
    struct caller caller = caller_of(r);
    struct store_answer answer = {0};
    struct redactor *rules = redactor_new();
    if (!status)
        status = add_pattern(r, OPTIONAL, rules, name, &pattern);
    if (!status) {
        answer = store_redaction_list(r->worker->pg, &caller);
        if (answer.outcome != STORE_OK) {
            redactor_free(rules);
            return answer_with(r, &answer, NULL);
        }
    }
    if (!status && !pattern.p && redaction_find_workspace(r, r->id[0]))
        status = problem_database(r);
    if (!status) {
        struct buf left = {0};
        const struct redactor *used = pattern.p ? rules : r->redact;
        if (used)
            (void)redactor_text(used, &left, text);
        jw_open(&r->out, '{');
        jw_member(&r->out, "text", used && left.n ? buf_view(&left) : text);
        jw_close(&r->out, '}');
        buf_fini(&left);
        status = 200;
    }
    store_answer_fini(&answer);
    redactor_free(rules);
    return status;
}

#define REDACTION "/api/workspaces/{ws}/redaction"
const struct route redaction_routes[] = {
    {METHOD_GET, REDACTION, AUTH_PERSON, BODY_NONE, list},
    {METHOD_PUT, REDACTION, AUTH_PERSON, BODY_EXACT, put},
    {METHOD_DELETE, REDACTION, AUTH_PERSON, BODY_EXACT, erase},
    {METHOD_POST, REDACTION "/try", AUTH_PERSON, BODY_EXACT, try},
    {0},
};
