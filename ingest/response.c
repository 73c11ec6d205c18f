// SPDX-License-Identifier: Apache-2.0
#include "ingest/response.h"

#include "base/jw.h"

enum { RPC_INVALID_ARGUMENT = 3, RPC_UNAVAILABLE = 14 };

void response_fini(struct response *response)
{
    buf_fini(&response->body);
}

static const char json_type[] = "application/json";
static const char proto_type[] = "application/x-protobuf";

static void put_varint(struct buf *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_char(b, (char)((value & 0x7F) | 0x80));
    buf_char(b, (char)value);
}

static void put_bytes(struct buf *b, unsigned number, struct str bytes)
{
    put_varint(b, number << 3 | 2);
    put_varint(b, bytes.n);
    buf_str(b, bytes);
}

static void put_number(struct buf *b, unsigned number, int64_t value)
{
    put_varint(b, number << 3);
    put_varint(b, (uint64_t)value);
}

static const char *what_of(int status)
{
    static const struct {
        int status;
        const char *what;
    } whats[] = {
        {400, "The body cannot be read."},
        {413, "The body has more than 64 MiB, or would have once inflated."},
        {415, "The body is neither JSON nor protobuf, or its encoding is not gzip."},
        {503, "What was sent cannot be kept now; send it again."},
    };
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++)
        if (whats[i].status == status)
            return whats[i].what;
    return "The request was refused.";
}

// google.rpc.Status, as OTLP/HTTP wants it in the request's encoding.
static void print_otlp_error(struct buf *b, bool is_proto, int status)
{
    int code = status == 503 ? RPC_UNAVAILABLE : RPC_INVALID_ARGUMENT;
    struct str what = str_from(what_of(status));
    if (is_proto) {
        put_number(b, 1, code);
        put_bytes(b, 2, what);
        return;
    }
    jw_open(b, '{');
    jw_member_i64(b, "code", code);
    jw_member(b, "message", what);
    jw_close(b, '}');
}

// ExportTraceServiceResponse: empty if all was taken, as the specification wants it.
static void print_otlp(struct buf *b, bool is_proto, const struct report *report)
{
    struct str why = str_from(report->first_why);
    if (is_proto) {
        struct buf partial = {0};
        if (report->refused) {
            put_number(&partial, 1, report->refused);
            put_bytes(&partial, 2, why);
            put_bytes(b, 1, buf_view(&partial));
        }
        buf_fini(&partial);
        return;
    }
    jw_open(b, '{');
    if (report->refused) {
        struct buf count = {0};
        buf_i64(&count, report->refused);
        jw_key(b, "partialSuccess");
        jw_open(b, '{');
        // 64 bits are texts in protobuf's JSON.
        jw_member(b, "rejectedSpans", buf_view(&count));
        jw_member(b, "errorMessage", why);
        jw_close(b, '}');
        buf_fini(&count);
    }
    jw_close(b, '}');
}

static void print_langfuse(struct buf *b, const struct report *report)
{
    jw_open(b, '{');
    jw_key(b, "successes");
    jw_open(b, '[');
    buf_str(b, buf_view(&report->successes));
    jw_close(b, ']');
    jw_key(b, "errors");
    jw_open(b, '[');
    buf_str(b, buf_view(&report->errors));
    jw_close(b, ']');
    jw_close(b, '}');
}

// LangSmith and Genkit have no words for items; whoever looks at the answer sees them.
static void print_counts(struct buf *b, const struct report *report)
{
    jw_open(b, '{');
    if (report->refused) {
        jw_member_i64(b, "refused", report->refused);
        jw_member(b, "message", str_from(report->first_why));
    }
    jw_close(b, '}');
}

static void print_error(struct buf *b, int status)
{
    jw_open(b, '{');
    jw_member(b, "error", str_from(what_of(status)));
    jw_member(b, "message", str_from(what_of(status)));
    jw_close(b, '}');
}

void response_print(struct response *response, enum response_family family, bool is_proto, int status,
                    const struct report *report)
{
    static const int successes[RESPONSE__MAX] = {
        [RESPONSE_OTLP] = 200,   [RESPONSE_LANGSMITH] = 202, [RESPONSE_LANGFUSE] = 207,
        [RESPONSE_AGENTS] = 200, [RESPONSE_GENKIT] = 200,
    };
    bool is_success = status == 200;
    response->taken = report->taken;
    response->refused = report->refused;
    response->status = is_success ? successes[family] : status;
    response->retry_after_s = status == 503;
    response->content_type = family == RESPONSE_OTLP && is_proto ? proto_type : json_type;
    if (!is_success && family == RESPONSE_OTLP)
        print_otlp_error(&response->body, is_proto, status);
    else if (!is_success)
        print_error(&response->body, status);
    else if (family == RESPONSE_OTLP)
        print_otlp(&response->body, is_proto, report);
    else if (family == RESPONSE_LANGFUSE)
        print_langfuse(&response->body, report);
    else
        print_counts(&response->body, report);
}
