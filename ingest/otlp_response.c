// SPDX-License-Identifier: Apache-2.0
// What OTLP/HTTP answers, in the encoding of the request.
#include "ingest/otlp.h"

#include "base/jw.h"

enum { RPC_INVALID_ARGUMENT = 3, RPC_UNAVAILABLE = 14 };

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

// google.rpc.Status, as OTLP/HTTP wants it in the request's encoding.
void otlp_response_print_error(struct buf *b, bool is_proto, int status, struct str what)
{
    int code = status == 503 ? RPC_UNAVAILABLE : RPC_INVALID_ARGUMENT;
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

// Export…ServiceResponse: empty if all was taken, as the specification wants it. In protobuf they are alike.
static void print(struct buf *b, bool is_proto, const struct report *report, const char *rejected)
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
        jw_member(b, rejected, buf_view(&count));
        jw_member(b, "errorMessage", why);
        jw_close(b, '}');
        buf_fini(&count);
    }
    jw_close(b, '}');
}

void otlp_response_print_spans(struct buf *b, bool is_proto, const struct report *report)
{
    print(b, is_proto, report, "rejectedSpans");
}

void otlp_response_print_records(struct buf *b, bool is_proto, const struct report *report)
{
    print(b, is_proto, report, "rejectedLogRecords");
}
