// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/stream.h"

#include <stdlib.h>
#include <strings.h>

struct taker {
    void (*take)(void *owner, const struct stream_event *event);
    void *owner;
};

void stream_fini(struct stream *s)
{
    buf_fini(&s->line);
    buf_fini(&s->text);
    *s = (struct stream){0};
}

static struct str value_of(struct str line, const char *field)
{
    struct str name = str_cut(&line, ':');
    if (!str_eq(name, str_from(field)) || !line.p)
        return STR_NONE;
    return str_starts(line, STR(" ")) ? str_skip(line, 1) : line;
}

static void take_event(struct stream *s, struct str text, const struct taker *taker)
{
    struct stream_event event = {0};
    while (text.p) {
        struct str line = str_cut(&text, '\n'), value;
        if ((value = value_of(line, "data")).p)
            event.data = value;
        else if ((value = value_of(line, "event")).p)
            event.name = value;
        else if ((value = value_of(line, "id")).p)
            event.id = value;
        else if ((value = value_of(line, "retry")).p)
            s->retry_ms = strtol(value.p, NULL, 10);
    }
    if (event.data.p)
        taker->take(taker->owner, &event);
}

static void take_events(struct stream *s, const struct taker *taker)
{
    struct str rest = buf_view(&s->text);
    const char *end;
    while (rest.n && (end = memmem(rest.p, rest.n, "\n\n", 2))) {
        take_event(s, (struct str){rest.p, (size_t)(end - rest.p)}, taker);
        rest = str_skip(rest, (size_t)(end - rest.p) + 2);
    }
    if (rest.n && rest.n < s->text.n)
        memmove(s->text.p, rest.p, rest.n);
    s->text.n = rest.n;
}

// Moves what `line` still needs from `bytes` to it. True if it now ends with `end`.
static bool gather(struct stream *s, struct str *bytes, struct str end)
{
    while (bytes->n) {
        buf_char(&s->line, bytes->p[0]);
        *bytes = str_skip(*bytes, 1);
        if (s->line.n >= end.n && memcmp(s->line.p + s->line.n - end.n, end.p, end.n) == 0)
            return true;
    }
    return false;
}

static enum stream_state read_head(struct stream *s)
{
    const char *head = buf_cstr(&s->line), *length = strcasestr(head, "\r\ncontent-length:");
    s->is_chunked = strcasestr(head, "\r\ntransfer-encoding: chunked") != NULL;
    s->left = length ? (size_t)strtoul(length + 17, NULL, 10) : 0;
    bool is_stream = strncmp(head, "HTTP/1.1 200", 12) == 0 && strcasestr(head, "\r\ncontent-type: text/event-stream");
    buf_fini(&s->line);
    if (!is_stream || (!s->is_chunked && !length))
        return STREAM_REFUSED;
    return s->is_chunked ? STREAM_SIZE : STREAM_BYTES;
}

static enum stream_state read_size(struct stream *s)
{
    s->left = (size_t)strtoul(buf_cstr(&s->line), NULL, 16);
    buf_clear(&s->line);
    return s->left ? STREAM_BYTES : STREAM_ENDED;
}

static enum stream_state read_bytes(struct stream *s, struct str *bytes)
{
    size_t n = bytes->n < s->left ? bytes->n : s->left;
    buf_bytes(&s->text, bytes->p, n);
    *bytes = str_skip(*bytes, n);
    s->left -= n;
    if (s->left)
        return STREAM_BYTES;
    return s->is_chunked ? STREAM_CRLF : STREAM_ENDED;
}

enum stream_state stream_feed(struct stream *s, struct str bytes,
                              void (*take)(void *owner, const struct stream_event *event), void *owner)
{
    const struct taker taker = {take, owner};
    while (bytes.n && s->state < STREAM_ENDED) {
        switch (s->state) {
        case STREAM_HEAD:
            if (gather(s, &bytes, STR("\r\n\r\n")))
                s->state = read_head(s);
            break;
        case STREAM_SIZE:
            if (gather(s, &bytes, STR("\r\n")))
                s->state = read_size(s);
            break;
        case STREAM_BYTES:
            s->state = read_bytes(s, &bytes);
            break;
        case STREAM_CRLF:
            if (gather(s, &bytes, STR("\r\n"))) {
                buf_clear(&s->line);
                s->state = STREAM_SIZE;
            }
            break;
        case STREAM_ENDED:
        case STREAM_REFUSED:
            break;
        }
    }
    take_events(s, &taker);
    return s->state;
}
