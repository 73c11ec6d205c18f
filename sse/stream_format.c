// SPDX-License-Identifier: Apache-2.0
#include "sse/stream_format.h"

#include <time.h>
#include "base/clock.h"
#include "base/jw.h"
#include "sse/dialect.h"
#include "sse/room.h"

// The stream ends with the connection and is not chunked, so a frame is written to every reader as it is. The door has
// said already what caches may do with it, and nginx keeps that header over its internal redirect.
static void proxied_head(struct buf *b)
{
    buf_lit(b, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n");
}

static void end_head(struct buf *b)
{
    buf_lit(b, "Connection: close\r\n\r\n");
}

// IMF-fixdate (RFC 9110, section 5.6.7), in English whatever the locale.
static void print_date(struct buf *b, time_t seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t;
    (void)gmtime_r(&seconds, &t);
    buf_printf(b, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + (t.tm_wday * 3), t.tm_mday,
               months + (t.tm_mon * 3), t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

// The head of a stream without nginx in between: it carries what the location of the proxied ones adds.
static void direct_head(struct buf *b, int64_t wall_us)
{
    buf_lit(b, "HTTP/1.1 200 OK\r\n");
    print_date(b, (time_t)(wall_us / 1000000));
    buf_lit(b, "Content-Type: text/event-stream\r\nCache-Control: no-store, no-transform\r\n"
               "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nTrace-Time: ");
    buf_i64(b, wall_us / 1000);
    buf_lit(b, "\r\n");
}

void stream_format_head(struct buf *b, const struct subscription *subscription, enum stream_way way, int64_t wall_us)
{
    if (way == STREAM_DIRECT)
        direct_head(b, wall_us);
    else
        proxied_head(b);
    buf_str(b, dialect_headers(subscription->dialect));
    if (subscription->origin.n) {
        buf_lit(b, "Vary: Origin\r\nAccess-Control-Expose-Headers: Trace-Time, X-Vercel-AI-UI-Message-Stream\r\n"
                   "Access-Control-Allow-Origin: ");
        buf_str(b, subscription->origin);
        buf_lit(b, "\r\n");
    }
    end_head(b);
}

// A line of the block of some event. A block of its own would reach the page as an event without data in clients that
// dispatch every block.
static void print_retry(struct buf *b, int retry_ms)
{
    buf_lit(b, "retry: ");
    buf_i64(b, retry_ms);
    buf_char(b, '\n');
}

static void member_time(struct buf *b, int64_t wall_us)
{
    jw_key(b, "serverTime");
    buf_char(b, '"');
    clock_print(b, wall_us);
    buf_char(b, '"');
}

static void print_id(struct buf *b, const struct feed *feed)
{
    char line[FEED_ID_SIZE];
    buf_bytes(b, line, feed_id(feed, line));
}

static void print_ready(struct buf *b, const struct feed *feed, const struct subscription *subscription,
                        const char *build, int64_t wall_us)
{
    print_id(b, feed);
    buf_lit(b, "event: ready\ndata: ");
    jw_open(b, '{');
    jw_key(b, "rooms");
    jw_open(b, '{');
    for (unsigned i = 0; i < feed->n; i++) {
        const struct slot *slot = &feed->slots[i];
        if (subscription->rooms[i].denied)
            continue;
        jw_string(b, room_name_public(subscription->rooms[i].name));
        buf_char(b, ':');
        jw_open(b, '{');
        if (slot->counted) {
            jw_member_i64(b, "from", slot->cursor);
            jw_member_i64(b, "head", subscription->rooms[i].head);
        }
        jw_close(b, '}');
    }
    jw_close(b, '}');
    member_time(b, wall_us);
    jw_member(b, "build", str_from(build));
    if (frame_epoch().n)
        jw_member(b, "epoch", frame_epoch());
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void stream_format_opening(struct buf *b, const struct feed *feed, const struct subscription *subscription,
                           enum stream_way way, int retry_ms, const char *build, int64_t wall_us)
{
    stream_format_head(b, subscription, way, wall_us);
    print_retry(b, retry_ms);
    print_ready(b, feed, subscription, build, wall_us);
    for (unsigned i = 0; i < subscription->rooms_n; i++) {
        const struct subscription_room *room = &subscription->rooms[i];
        if (!room->denied && !room->reset)
            continue;
        if (room->reset)
            print_id(b, feed);
        buf_str(b, room->denied ? STR("event: revoked\ndata: ") : STR("event: reset\ndata: "));
        jw_open(b, '{');
        jw_member(b, "room", room_name_public(room->name));
        if (room->denied)
            jw_member(b, "reason", STR("not_found"));
        jw_close(b, '}');
        buf_lit(b, "\n\n");
    }
}

void stream_format_interruption(struct buf *b, int retry_ms)
{
    print_retry(b, retry_ms);
    buf_lit(b, "event: unavailable\ndata: {}\n\n");
}

void stream_format_unavailable(struct buf *b, int retry_ms)
{
    proxied_head(b);
    end_head(b);
    stream_format_interruption(b, retry_ms);
}

void stream_format_revoked(struct buf *b, const char *reason)
{
    buf_lit(b, "event: revoked\ndata: ");
    jw_open(b, '{');
    jw_member(b, "reason", str_from(reason));
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void stream_format_ping(struct buf *b, int64_t wall_us)
{
    buf_lit(b, "event: ping\ndata: ");
    jw_open(b, '{');
    member_time(b, wall_us);
    jw_close(b, '}');
    buf_lit(b, "\n\n");
}

void stream_format_comment(struct buf *b)
{
    buf_lit(b, ": ping\n\n");
}

void stream_format_farewell(struct buf *b, int retry_ms, int64_t wall_us)
{
    print_retry(b, retry_ms);
    stream_format_ping(b, wall_us);
}

void stream_format_reply(struct buf *b, const char *status, const char *type, struct str body)
{
    buf_printf(b, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, type,
               body.n);
    buf_str(b, body);
}
