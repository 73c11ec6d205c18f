#include "sse/greeting.h"

#include "lib/clock.h"
#include "lib/jw.h"
#include "sse/cursor.h"
#include "sse/room.h"

// The end of the stream is the end of the connection: no chunks, so a frame is written as it is to everybody.
static void stream_head(struct buf *b, int retry_ms)
{
    buf_lit(b, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
               "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n");
    greeting_retry(b, retry_ms);
}

void greeting_retry(struct buf *b, int retry_ms)
{
    buf_lit(b, "retry: ");
    buf_i64(b, retry_ms);
    buf_lit(b, "\n\n");
}

static void member_time(struct buf *b, int64_t wall_us)
{
    jw_key(b, "serverTime");
    buf_char(b, '"');
    clock_print(b, wall_us);
    buf_char(b, '"');
}

static void print_ready(struct buf *b, const struct feed *feed, const struct door *door, const char *build,
                        int64_t wall_us)
{
    buf_lit(b, "id: ");
    cursor_print(feed, b);
    buf_lit(b, "\nevent: ready\ndata: ");
    jw_open(b, '{');
    jw_key(b, "rooms");
    jw_open(b, '{');
    for (unsigned i = 0; i < feed->n; i++) {
        const struct slot *slot = &feed->slots[i];
        if (door->rooms[i].denied)
            continue;
        jw_string(b, room_spoken(door->rooms[i].name));
        buf_char(b, ':');
        jw_open(b, '{');
        if (slot->counted) {
            jw_member_i64(b, "from", slot->cursor);
            jw_member_i64(b, "head", door->rooms[i].head);
        }
        jw_close(b, '}');
    }
    jw_close(b, '}');
    member_time(b, wall_us);
    jw_member(b, "build", str_from(build));
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void greeting_print(struct buf *b, const struct feed *feed, const struct door *door, int retry_ms, const char *build,
                    int64_t wall_us)
{
    stream_head(b, retry_ms);
    print_ready(b, feed, door, build, wall_us);
    for (unsigned i = 0; i < door->rooms_n; i++) {
        const struct door_room *room = &door->rooms[i];
        if (!room->denied && !room->reset)
            continue;
        if (room->reset) {
            buf_lit(b, "id: ");
            cursor_print(feed, b);
            buf_char(b, '\n');
        }
        buf_str(b, room->denied ? STR("event: revoked\ndata: ") : STR("event: reset\ndata: "));
        jw_open(b, '{');
        jw_member(b, "room", room_spoken(room->name));
        if (room->denied)
            jw_member(b, "reason", STR("not_found"));
        jw_close(b, '}');
        buf_lit(b, "\n\n");
    }
}

void greeting_unavailable(struct buf *b, int retry_ms)
{
    stream_head(b, retry_ms);
    buf_lit(b, "event: unavailable\ndata: {}\n\n");
}

void greeting_revoked(struct buf *b, const char *reason)
{
    buf_lit(b, "event: revoked\ndata: ");
    jw_open(b, '{');
    jw_member(b, "reason", str_from(reason));
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void greeting_ping(struct buf *b, int64_t wall_us)
{
    buf_lit(b, "event: ping\ndata: ");
    jw_open(b, '{');
    member_time(b, wall_us);
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void greeting_reply(struct buf *b, const char *status, const char *type, struct str body)
{
    buf_printf(b, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, type,
               body.n);
    buf_str(b, body);
}
