#include "sse/request.h"

#include "lib/jw.h"
#include "sse/db.h"
#include "sse/greeting.h"
#include "sse/head.h"
#include "sse/revoked.h"
#include "sse/room.h"

// The pusher's hint to itself goes out every PROBE_MS; two lost ones are a broken path.
static const int64_t PROBE_STALE_NS = 5 * INT64_C(1000000000);

static struct frame *frame_of(struct buf *b)
{
    struct frame *frame = frame_bytes(buf_view(b));
    buf_fini(b);
    return frame;
}

static struct frame *reply(const char *status, const char *type, struct str body)
{
    struct buf b = {0};
    greeting_reply(&b, status, type, body);
    return frame_of(&b);
}

struct frame *request_unavailable(int after_ms)
{
    struct buf b = {0};
    greeting_unavailable(&b, after_ms + pusher_random(1000, 4000));
    return frame_of(&b);
}

struct frame *request_expired(void)
{
    struct buf b = {0};
    greeting_revoked(&b, "credentials");
    return frame_of(&b);
}

struct frame *request_retry(void)
{
    struct buf b = {0};
    greeting_retry(&b, pusher_random(1000, 4000));
    return frame_of(&b);
}

struct frame *request_ping(struct pusher *p)
{
    if (!p->ping || p->ping_made != p->now) {
        struct buf b = {0};
        greeting_ping(&b, p->now_wall);
        frame_unref(p->ping);
        p->ping = frame_of(&b);
        p->ping_made = p->now;
    }
    return frame_ref(p->ping);
}

static struct frame *health(const struct pusher *p)
{
    bool database = db_is_up(p->db);
    bool hints = p->probe_heard && p->now - p->probe_heard < PROBE_STALE_NS;
    struct buf b = {0};
    buf_printf(&b, "{\"database\":\"%s\",\"hints\":\"%s\",\"hintRoundTripUs\":%lld}\n", database ? "up" : "down",
               hints ? "up" : "down", (long long)(p->probe_round_ns / 1000));
    struct frame *answer =
        reply(database && hints ? "200 OK" : "503 Service Unavailable", "application/json", buf_view(&b));
    buf_fini(&b);
    return answer;
}

static struct frame *metrics(const struct pusher *p)
{
    struct buf b = {0};
    metrics_print(&b, p);
    struct frame *answer = reply("200 OK", "text/plain; version=0.0.4", buf_view(&b));
    buf_fini(&b);
    return answer;
}

// How many subscribers each of the rooms has: {"persona:per_…":1}.
static struct frame *rooms(const struct pusher *p, struct str query)
{
    struct buf b = {0};
    jw_open(&b, '{');
    while (query.p) {
        struct str name = str_cut(&query, '&');
        struct str key = str_cut(&name, '=');
        if (!str_eq(key, STR("room")) || room_kind_of(name) < 0)
            continue;
        const struct room *room = rooms_find(&p->rooms, name);
        jw_string(&b, name);
        buf_char(&b, ':');
        jw_i64(&b, room ? room->subs_n : 0);
    }
    jw_close(&b, '}');
    struct frame *answer = reply("200 OK", "application/json", buf_view(&b));
    buf_fini(&b);
    return answer;
}

static enum request_outcome judge_stream(struct pusher *p, struct str query, struct door *door, struct frame **answer)
{
    if (door_parse(query, door)) {
        *answer = reply("400 Bad Request", "text/plain", STR("not a subscription\n"));
        return REQUEST_ANSWERED;
    }
    int wait_ms = revoked_wait_ms(p->revoked, door, p->now_wall);
    if (wait_ms >= 0) {
        *answer = request_unavailable(wait_ms);
        return REQUEST_REVOKED;
    }
    if (p->drain_until || p->conns_n > p->conns_most) {
        *answer = request_unavailable(0);
        return REQUEST_ANSWERED;
    }
    return REQUEST_STREAM;
}

enum request_outcome request_judge(struct pusher *p, struct str bytes, struct door *door, struct frame **answer)
{
    struct str target;
    switch (head_parse(bytes, &target)) {
    case HEAD_MORE:
        return REQUEST_MORE;
    case HEAD_BAD:
        *answer = reply("400 Bad Request", "text/plain", STR("bad request\n"));
        return REQUEST_ANSWERED;
    case HEAD_METHOD:
        *answer = reply("405 Method Not Allowed\r\nAllow: GET", "text/plain", STR("only GET\n"));
        return REQUEST_ANSWERED;
    case HEAD_OK:
        break;
    }
    struct str query = target;
    struct str path = str_cut(&query, '?');
    if (str_eq(path, STR("/events")))
        return judge_stream(p, query, door, answer);
    if (str_eq(path, STR("/healthz")))
        *answer = health(p);
    else if (str_eq(path, STR("/rooms")))
        *answer = rooms(p, query);
    else if (str_eq(path, STR("/metrics")))
        *answer = metrics(p);
    else
        *answer = reply("404 Not Found", "text/plain", STR("not found\n"));
    return REQUEST_ANSWERED;
}
