#include "sse/frame.h"

#include <assert.h>
#include <stdlib.h>

uint64_t frame_count;
uint64_t frame_total;

static struct frame *frame_new(size_t n)
{
    assert(n <= UINT32_MAX / 2);
    struct frame *frame = mem_alloc(sizeof *frame + n);
    *frame = (struct frame){.refs = 1, .n = (uint32_t)n};
    frame_count++;
    frame_total += n;
    return frame;
}

void frame_unref(struct frame *frame)
{
    if (!frame || --frame->refs > 0)
        return;
    frame_count--;
    frame_total -= frame->n;
    free(frame);
}

static char *put(char *at, struct str text)
{
    if (text.n)
        memcpy(at, text.p, text.n);
    return at + text.n;
}

static void one_line(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] == '\n' || p[i] == '\r')
            p[i] = ' ';
}

static size_t print_id(char line[static 32], int64_t seq)
{
    if (seq <= 0)
        return 0;
    char digits[20];
    size_t n = 0;
    for (int64_t rest = seq; rest; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    char *at = put(line, STR("id: "));
    while (n)
        *at++ = digits[--n];
    *at++ = '\n';
    return (size_t)(at - line);
}

struct frame *frame_event(int64_t seq, struct str name, struct str body)
{
    char id[32];
    size_t id_n = print_id(id, seq);
    static const struct str event = {"event: ", 7}, data = {"\ndata: ", 7}, end = {"\n\n", 2};
    struct frame *frame = frame_new(id_n + event.n + name.n + data.n + body.n + end.n);
    frame->seq = seq;
    frame->id_n = (uint32_t)id_n;
    char *at = put(frame->bytes, (struct str){id, id_n});
    at = put(at, event);
    one_line(at, (size_t)(put(at, name) - at));
    at = put(at + name.n, data);
    one_line(at, (size_t)(put(at, body) - at));
    at = put(at + body.n, end);
    assert(at == frame->bytes + frame->n);
    return frame;
}

struct frame *frame_bytes(struct str bytes)
{
    struct frame *frame = frame_new(bytes.n);
    put(frame->bytes, bytes);
    return frame;
}
