// SPDX-License-Identifier: Apache-2.0
#include "cgi/reply.h"

#include <stdlib.h>
#include "cgi/problem.h"
#include "base/jw.h"
#include "cgi/metrics.h"
#include "store/notify.h"

// The codes that statements name, with a sentence for people. `member`: what the answer's body means.
static const struct named_problem {
    const char *code;
    const char *detail;
    const char *member;
} named_problems[] = {
    {"session_ended", "The session has ended; nothing can be said for it any more.", "sessionStatus"},
    {"session_pending", "The session has not been claimed yet.", NULL},
    {"message_deleted", "The message has been deleted.", NULL},
    {"thread_in_thread", "A message in a thread has no thread of its own.", NULL},
    {"name_taken", "A channel of this name exists.", NULL},
    {"nobody_called", "Nobody would answer this message: it mentions no persona.", NULL},
    {"too_many_rules", "A workspace has at most 32 redaction rules.", NULL},
    {"changed_meanwhile", "Somebody else has changed it meanwhile.", NULL},
    {"not_a_channel", "Only a channel's members can be changed.", NULL},
    {"sharing_off", "This workspace does not share sessions.", NULL},
    {"too_many_ratings", "This session has as many ratings as it may have.", NULL},
    {"too_many_shares", "This session has as many links as it may have.", NULL},
    {"admin_only", "Only an admin of the workspace may do this.", NULL},
    {"last_admin", "Without this person nobody could administer the workspace.", NULL},
    {"in_other_workspaces", "This person is also in a workspace that you do not administer; an operator can do it.",
     NULL},
    {"slug_taken", "Somebody in the workspace has this slug.", NULL},
    {"token_ended", "The token has ended; make a new one.", NULL},
    {"already_member", "This person is in the workspace already.", NULL},
    {"account_exists", "There is an account of this address; sign in with it first.", NULL},
};

static int named_problem(struct request *r, const struct store_answer *answer)
{
    struct str code = store_answer_problem(answer);
    for (size_t i = 0; i < sizeof named_problems / sizeof named_problems[0]; i++)
        if (str_eq(code, str_from(named_problems[i].code)))
            return problem_with(r, (int)answer->outcome, named_problems[i].code, named_problems[i].detail,
                                named_problems[i].member, store_answer_body(answer));
    abort(); // the statement names a code that the table lacks
}

static int forbidden(struct request *r)
{
    bool reads = r->method == METHOD_GET || r->method == METHOD_HEAD;
    return problem_forbidden(r, reads ? "read" : r->worker->write_scope);
}

static int unfit(struct request *r)
{
    return problem(r, 400, "invalid_body", "A value does not fit.");
}

static const struct refusal {
    enum store_outcome outcome;
    int (*problem)(struct request *r);
} refusals[] = {
    {STORE_STRANGER, problem_unauthenticated}, {STORE_FORBIDDEN, forbidden},
    {STORE_NOT_FOUND, problem_not_found},      {STORE_UNFIT, unfit},
    {STORE_BROKEN, problem_internal},          {STORE_DOWN, problem_database},
};

int reply_refusal(struct request *r, enum store_outcome outcome)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].outcome == outcome)
            return refusals[i].problem(r);
    return 0;
}

int reply_failure(struct request *r, const struct store_answer *answer)
{
    bool is_named = answer->outcome == STORE_CONFLICT ||
                    (answer->outcome == STORE_FORBIDDEN && str_eq(store_answer_problem(answer), STR("admin_only")));
    return is_named ? named_problem(r, answer) : reply_refusal(r, answer->outcome);
}

int reply_send(struct request *r, struct store_answer *take_answer, const char *member, bool tells)
{
    int status = reply_failure(r, take_answer);
    if (!status) {
        status = (int)take_answer->outcome;
        if (tells)
            notify_rows(r->worker->bus, r->id[0], take_answer);
        if (member) {
            jw_open(&r->out, '{');
            jw_member_raw(&r->out, member, store_answer_body(take_answer));
            jw_close(&r->out, '}');
        } else {
            buf_str(&r->out, store_answer_body(take_answer));
        }
    }
    store_answer_fini(take_answer);
    return status;
}

int reply_revoked(struct request *r, struct store_answer *take_answer, bool tells)
{
    int status = reply_send(r, take_answer, NULL, tells);
    if (status != 204 || bus_revoked(r->worker->bus) == 0)
        return status;
    metrics_revocation_pending();
    jw_open(&r->out, '{');
    jw_member_bool(&r->out, "revocationPending", true);
    jw_close(&r->out, '}');
    return 200;
}
