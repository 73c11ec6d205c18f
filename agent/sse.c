// SPDX-License-Identifier: Apache-2.0
#include "agent/sse.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sse {
    struct sse_sink sink;
    size_t max_event;
    struct buf line;
    struct buf data;
    struct buf name;
    struct buf id_buffer; // takes effect at the next empty line
    struct buf last_id;
    bool after_cr; // a LF that follows belongs to the line end already seen
    bool at_start; // a byte order mark may still come
};

struct sse *sse_new(const struct sse_sink *sink, size_t max_event)
{
    struct sse *sse = mem_zero(sizeof *sse);
    sse->sink = *sink;
    sse->max_event = max_event;
    sse->at_start = true;
    return sse;
}

void sse_free(struct sse *sse)
{
    if (!sse)
        return;
    buf_fini(&sse->line);
    buf_fini(&sse->data);
    buf_fini(&sse->name);
    buf_fini(&sse->id_buffer);
    buf_fini(&sse->last_id);
    free(sse);
}

void sse_restart(struct sse *sse)
{
    buf_clear(&sse->line);
    buf_clear(&sse->data);
    buf_clear(&sse->name);
    buf_clear(&sse->id_buffer);
    buf_bytes(&sse->id_buffer, buf_cstr(&sse->last_id), sse->last_id.n);
    sse->after_cr = false;
    sse->at_start = true;
}

const char *sse_last_id(struct sse *sse)
{
    return buf_cstr(&sse->last_id);
}

static int dispatch(struct sse *sse)
{
    int result = 0;
    buf_clear(&sse->last_id);
    buf_bytes(&sse->last_id, buf_cstr(&sse->id_buffer), sse->id_buffer.n);
    struct sse_event event;
    if (sse->data.n > 0) {
        sse->data.p[--sse->data.n] = '\0'; // every data line added one LF; the last is not part of the data
        event = (struct sse_event){.name = sse->name.n > 0 ? buf_cstr(&sse->name) : "message",
                                   .data = buf_cstr(&sse->data),
                                   .data_len = sse->data.n};
        result = sse->sink.on_event(sse->sink.arg, &event);
    }
    buf_clear(&sse->data);
    buf_clear(&sse->name);
    return result;
}

static void take_retry(struct sse *sse, const char *value, size_t n)
{
    long ms = 0;
    if (n == 0 || n > 9 || strspn(value, "0123456789") != n)
        return;
    for (size_t i = 0; i < n; i++)
        ms = ms * 10 + (value[i] - '0');
    if (sse->sink.on_retry)
        sse->sink.on_retry(sse->sink.arg, ms);
}

static void take_field(struct sse *sse, const char *field, size_t field_len, const char *value, size_t n)
{
    if (field_len == 4 && memcmp(field, "data", 4) == 0) {
        buf_bytes(&sse->data, value, n);
        buf_char(&sse->data, '\n');
    } else if (field_len == 5 && memcmp(field, "event", 5) == 0) {
        buf_clear(&sse->name);
        buf_bytes(&sse->name, value, n);
    } else if (field_len == 2 && memcmp(field, "id", 2) == 0) {
        if (!memchr(value, '\0', n)) {
            buf_clear(&sse->id_buffer);
            buf_bytes(&sse->id_buffer, value, n);
        }
    } else if (field_len == 5 && memcmp(field, "retry", 5) == 0) {
        take_retry(sse, value, n);
    }
}

static int take_line(struct sse *sse)
{
    const char *line = buf_cstr(&sse->line), *colon = memchr(line, ':', sse->line.n);
    size_t n = sse->line.n;
    int result = 0;
    const char *value;
    if (n == 0) {
        result = dispatch(sse);
    } else if (!colon) {
        take_field(sse, line, n, line + n, 0);
    } else if (colon != line) { // a leading colon is a comment
        value = colon + 1;
        if (value < line + n && *value == ' ')
            value++;
        take_field(sse, line, (size_t)(colon - line), value, (size_t)(line + n - value));
    }
    buf_clear(&sse->line);
    return result != 0 ? result : sse->data.n > sse->max_event ? SSE_TOO_LONG : 0;
}

// The mark has three bytes that may arrive in three pieces: it is dropped once the first line has grown to its length.
static void drop_byte_order_mark(struct sse *sse)
{
    static const char mark[3] = {'\xEF', '\xBB', '\xBF'};
    if (!sse->at_start)
        return;
    if (sse->line.n >= 3) {
        sse->at_start = false;
        if (memcmp(sse->line.p, mark, 3) == 0) {
            memmove(sse->line.p, sse->line.p + 3, sse->line.n - 3);
            sse->line.n -= 3;
        }
    }
}

int sse_feed(struct sse *sse, const char *p, size_t n)
{
    const char *end = p + n;
    int result = 0;
    while (p < end && result == 0) {
        const char *stop = p;
        if (sse->after_cr && *p == '\n') {
            sse->after_cr = false;
            p++;
            continue;
        }
        sse->after_cr = false;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        buf_bytes(&sse->line, p, (size_t)(stop - p));
        drop_byte_order_mark(sse);
        if (sse->line.n > sse->max_event)
            return SSE_TOO_LONG;
        p = stop;
        if (stop < end) {
            sse->after_cr = *stop == '\r';
            p++;
            sse->at_start = false;
            result = take_line(sse);
        }
    }
    return result;
}
