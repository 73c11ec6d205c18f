// SPDX-License-Identifier: Apache-2.0
#include "ingest/response.h"

#include "base/jw.h"

void response_fini(struct response *response)
{
    buf_fini(&response->body);
}

static const char *what_of(int status)
{
    static const struct {
        int status;
        const char *what;
    } whats[] = {
        {400, "The body cannot be read."},
        {413, "The body has more than 64 MiB, or would have once inflated."},
        {415, "The body is neither JSON nor protobuf, or its encoding neither gzip nor deflate."},
        {503, "What was sent cannot be kept now; send it again."},
    };
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++)
        if (whats[i].status == status)
            return whats[i].what;
    return "The request was refused.";
}

static void print_refused(struct buf *b, bool is_proto, const struct report *report)
{
    (void)is_proto;
    jw_open(b, '{');
    if (report->refused) {
        jw_member_i64(b, "refused", report->refused);
        jw_member(b, "message", str_from(report->first_why));
    }
    jw_close(b, '}');
}

static void print_error(struct buf *b, bool is_proto, int status, struct str what)
{
    (void)is_proto, (void)status;
    jw_open(b, '{');
    jw_member(b, "error", what);
    jw_member(b, "message", what);
    jw_close(b, '}');
}

void response_print(struct response *response, const struct response_form *form, bool is_proto, int status,
                    const struct report *report)
{
    bool is_success = status == 200;
    response->taken = report->taken;
    response->refused = report->refused;
    response->status = is_success ? form->success : status;
    response->retry_after_s = status == 503;
    response->content_type = is_proto ? "application/x-protobuf" : "application/json";
    if (is_success)
        (form->print ? form->print : print_refused)(&response->body, is_proto, report);
    else
        (form->print_error ? form->print_error : print_error)(&response->body, is_proto, status,
                                                              str_from(what_of(status)));
}
