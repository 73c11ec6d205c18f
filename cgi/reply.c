#include "cgi/reply.h"

#include <stdlib.h>
#include "lib/jw.h"
#include "lib/told.h"

// The codes that statements name, with a sentence for people. `member`: what the answer's body means.
static const struct conflict {
    const char *code;
    const char *detail;
    const char *member;
} conflicts[] = {
    {"session_ended", "The session has ended; nothing can be said for it any more.", "sessionStatus"},
    {"session_pending", "The session has not been claimed yet.", NULL},
    {"message_deleted", "The message has been deleted.", NULL},
    {"thread_in_thread", "A message in a thread has no thread of its own.", NULL},
    {"name_taken", "A channel of this name exists.", NULL},
    {"not_a_channel", "Only a channel's members can be changed.", NULL},
};

static int conflict(struct request *r, const struct answer *answer)
{
    struct str code = answer_problem(answer);
    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++)
        if (str_eq(code, str_from(conflicts[i].code)))
            return problem_with(r, 409, conflicts[i].code, conflicts[i].detail, conflicts[i].member,
                                answer_body(answer));
    abort(); // the statement names a code that the table lacks
}

int reply_refusal(struct request *r, const struct answer *answer)
{
    if (answer->code == 409)
        return conflict(r, answer);
    bool reads = r->method == METHOD_GET || r->method == METHOD_HEAD;
    return problem_refusal(r, answer->code, reads ? "read" : "messages:write");
}

int reply_send(struct request *r, struct answer *take_answer, const char *member, bool tells)
{
    int status = reply_refusal(r, take_answer);
    if (!status) {
        status = take_answer->code;
        if (tells)
            told_send(r->worker->bus, r->id[0], take_answer);
        if (member) {
            jw_open(&r->out, '{');
            jw_member_raw(&r->out, member, answer_body(take_answer));
            jw_close(&r->out, '}');
        } else {
            buf_str(&r->out, answer_body(take_answer));
        }
    }
    answer_fini(take_answer);
    return status;
}
