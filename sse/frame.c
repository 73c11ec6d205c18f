// SPDX-License-Identifier: Apache-2.0
#include "sse/frame.h"

#include <assert.h>
#include <stdlib.h>
#include "base/json_line.h"
#include "sse/event_bound.h"
#include "wire/cursor.h"

static char epoch[CURSOR_EPOCH_SIZE];
uint64_t frame_count;
uint64_t frame_total;

struct str frame_epoch(void)
{
    return str_from(epoch);
}

void frame_epoch_set(struct str name)
{
    assert(cursor_is_epoch(name));
    memcpy(epoch, name.p, name.n);
}

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

static const struct str id_word = {"id: ", 4};
enum { ID_SIZE = 4 + CURSOR_TEXT_SIZE + 1 };

static size_t print_id(char line[static ID_SIZE], int64_t seq)
{
    if (seq <= 0)
        return 0;
    char *at = put(line, id_word);
    at += cursor_print(at, &seq, 1, frame_epoch());
    *at++ = '\n';
    return (size_t)(at - line);
}

struct frame *frame_event(int64_t seq, struct str name, struct str body)
{
    char id[ID_SIZE];
    size_t id_n = print_id(id, seq);
    static const struct str event = {"event: ", 7}, data = {"\ndata: ", 7}, end = {"\n\n", 2};
    struct buf cut = {0};
    if (event_bound_cut(&cut, body))
        body = buf_view(&cut);
    size_t data_n = json_line_length(body);
    struct frame *frame = frame_new(id_n + event.n + name.n + data.n + data_n + end.n);
    frame->seq = seq;
    frame->id_n = (uint32_t)id_n;
    char *at = put(frame->bytes, (struct str){id, id_n});
    at = put(at, event);
    one_line(at, (size_t)(put(at, name) - at));
    at = put(at + name.n, data);
    at = put(json_line_print(at, body), end);
    assert(at == frame->bytes + frame->n);
    buf_fini(&cut);
    return frame;
}

struct frame *frame_bytes(struct str bytes)
{
    struct frame *frame = frame_new(bytes.n);
    put(frame->bytes, bytes);
    return frame;
}

struct snapshot {
    struct buf bytes;
    struct str name;
};

static void add_part(void *context, struct str part)
{
    struct snapshot *snapshot = context;
    struct frame *frame = frame_event(0, snapshot->name, part);
    buf_str(&snapshot->bytes, frame_whole(frame));
    frame_unref(frame);
}

struct frame *frame_snapshot(struct str name, struct str body)
{
    struct snapshot snapshot = {.name = name};
    event_bound_split(body, add_part, &snapshot);
    struct frame *frame = frame_bytes(buf_view(&snapshot.bytes));
    buf_fini(&snapshot.bytes);
    return frame;
}
