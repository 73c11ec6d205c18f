// SPDX-License-Identifier: Apache-2.0
#include "sse/request.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include "base/clock.h"
#include "base/jw.h"
#include "base/log.h"
#include "base/secret.h"
#include "sse/db.h"
#include "sse/dialect.h"
#include "sse/stream_format.h"
#include "sse/head.h"
#include "sse/metrics.h"
#include "sse/peer.h"
#include "sse/quota.h"
#include "sse/revoked.h"
#include "sse/room.h"
#include "sse/subscriber.h"
#include "wire/pass.h"

// The pusher sends itself a hint every second (sse/loop.c). After five seconds without one, the path is broken.
static const int64_t PROBE_STALE_NS = 5 * INT64_C(1000000000);
// Whoever has too many streams is told to come back less often than others.
enum { QUOTA_WAIT_MS = 10000 };

static struct frame *frame_of(struct buf *b)
{
    struct frame *frame = frame_bytes(buf_view(b));
    buf_fini(b);
    return frame;
}

static struct frame *reply(const char *status, const char *type, struct str body)
{
    struct buf b = {0};
    stream_format_reply(&b, status, type, body);
    return frame_of(&b);
}

// A stream that says that none is available, to be tried again after `after_ms` at the earliest. Only our own clients
// understand that: in another dialect it is a 503. Nginx adds to its head what the head of a stream has.
static struct frame *unavailable(enum dialect dialect, int after_ms)
{
    if (dialect != DIALECT_NATIVE)
        return reply("503 Service Unavailable\r\nRetry-After: 1", "text/plain", STR("not now\n"));
    struct buf b = {0};
    stream_format_unavailable(&b, after_ms + pusher_random(1000, 4000));
    return frame_of(&b);
}

struct frame *request_interruption(const struct pusher *p, enum dialect dialect)
{
    if (dialect != DIALECT_NATIVE)
        return request_farewell(p, dialect);
    struct buf b = {0};
    stream_format_interruption(&b, pusher_random(1000, 4000));
    return frame_of(&b);
}

struct frame *request_expired(enum dialect dialect)
{
    if (dialect != DIALECT_NATIVE)
        return dialect_failure(dialect, STR("revoked"), STR("The credential has expired."));
    struct buf b = {0};
    stream_format_revoked(&b, "credentials");
    return frame_of(&b);
}

struct frame *request_revoked(enum dialect dialect, struct str principal)
{
    if (dialect != DIALECT_NATIVE)
        return dialect_failure(dialect, STR("revoked"), STR("This session may no longer be read."));
    bool is_credential = str_starts(principal, STR("tok_")) || str_starts(principal, STR("lgn_"));
    struct buf b = {0};
    stream_format_revoked(&b, is_credential ? "credentials" : "access");
    return frame_of(&b);
}

struct frame *request_farewell(const struct pusher *p, enum dialect dialect)
{
    if (dialect != DIALECT_NATIVE)
        return dialect_failure(dialect, STR("stream_interrupted"),
                               STR("The stream was interrupted; the session goes on. Follow it again."));
    struct buf b = {0};
    stream_format_farewell(&b, pusher_random(1000, 4000), p->now_wall_us);
    return frame_of(&b);
}

struct frame *request_ping(struct pusher *p, enum dialect dialect)
{
    if (dialect != DIALECT_NATIVE) {
        struct buf b = {0};
        stream_format_comment(&b);
        return frame_of(&b);
    }
    if (!p->ping || p->ping_made_ns != p->now_ns) {
        struct buf b = {0};
        stream_format_ping(&b, p->now_wall_us);
        frame_unref(p->ping);
        p->ping = frame_of(&b);
        p->ping_made_ns = p->now_ns;
    }
    return frame_ref(p->ping);
}

static struct frame *health(const struct pusher *p)
{
    bool database = db_is_up(p->db);
    bool hints = p->probe_heard_ns && p->now_ns - p->probe_heard_ns < PROBE_STALE_NS;
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

static bool is_acknowledged(const struct room *room)
{
    for (unsigned i = 0; i < room->subs_n; i++)
        if (peer_acknowledges(room->subs[i]->subscriber->fd))
            return true;
    return false;
}

// Says of each of the rooms how many subscribers it has, and whether any of them has acknowledged something lately:
// {"persona:per_…":{"subscribers":1,"acknowledged":true}}.
static struct frame *rooms(const struct pusher *p, struct str query)
{
    struct buf b = {0};
    jw_open(&b, '{');
    while (query.p) {
        struct str name = str_cut(&query, '&');
        struct str key = str_cut(&name, '=');
        struct room_name parsed;
        if (!str_eq(key, STR("room")) || room_name_parse(name, &parsed))
            continue;
        const struct room *room = rooms_find(&p->rooms, name);
        jw_string(&b, name);
        buf_char(&b, ':');
        jw_open(&b, '{');
        jw_member_i64(&b, "subscribers", room ? room->subs_n : 0);
        jw_member_bool(&b, "acknowledged", room && is_acknowledged(room));
        jw_close(&b, '}');
    }
    jw_close(&b, '}');
    struct frame *answer = reply("200 OK", "application/json", buf_view(&b));
    buf_fini(&b);
    return answer;
}

// What rooms and frames hold is of one database. When the door speaks for another one, this process ends as after
// SIGTERM, and its successor begins with nothing.
static bool is_same_database(struct str epoch)
{
    if (!epoch.n || str_eq(epoch, frame_epoch()))
        return true;
    if (frame_epoch().n) {
        log_warning("the database is another one than before: starting anew");
        (void)raise(SIGTERM);
        return false;
    }
    frame_epoch_set(epoch);
    return true;
}

// In which dialect a refusal is understood, whoever wrote the address.
static enum dialect dialect_of(struct str query)
{
    while (query.p) {
        struct str value = str_cut(&query, '&');
        if (str_eq(str_cut(&value, '='), STR("dialect")) && dialect_named(value) != DIALECT__MAX)
            return dialect_named(value);
    }
    return DIALECT_NATIVE;
}

// Takes the seal off *query. The key's file is looked at each time, as it may have been made anew.
static enum request_outcome check_seal(struct pusher *p, struct str *query, struct frame **answer)
{
    if (secret_keep(&p->pass_key, p->pass_key_path)) {
        log_error("the key of the door cannot be read: %s: %s", p->pass_key_path, strerror(errno));
        *answer = unavailable(dialect_of(*query), 0);
        return REQUEST_ANSWERED;
    }
    switch (pass_open(query, (struct str){p->pass_key.bytes, sizeof p->pass_key.bytes}, clock_mono_ns())) {
    case PASS_OK:
        return REQUEST_STREAM;
    case PASS_OLD:
        *answer = unavailable(dialect_of(*query), 0);
        return REQUEST_FORGED;
    case PASS_FORGED:
    case PASS_OUTCOME__MAX:
        break;
    }
    *answer = reply("403 Forbidden", "text/plain", STR("not sealed by the door\n"));
    return REQUEST_FORGED;
}

// Rooms that have subscribers take further ones; for the others there must be a place. Once the socket is taken over
// from nginx, no refusal would have the form of nginx's.
static bool has_place(const struct pusher *p, const struct subscription *subscription)
{
    size_t more = 0;
    for (unsigned i = 0; i < subscription->rooms_n; i++) {
        const struct subscription_room *room = &subscription->rooms[i];
        const struct room *found = room->denied ? NULL : rooms_find(&p->rooms, room->name);
        more += !room->denied && (!found || found->subs_n == 0);
    }
    return rooms_have_place(&p->rooms, more);
}

enum request_outcome request_judge_stream(struct pusher *p, size_t others_n, const struct request_opening *opening,
                                          struct subscription *subscription, struct frame **answer)
{
    struct str query = opening->query;
    enum request_outcome seal = check_seal(p, &query, answer);
    if (seal != REQUEST_STREAM)
        return seal;
    if (subscription_parse(subscription, query)) {
        *answer = reply("400 Bad Request", "text/plain", STR("not a subscription\n"));
        return REQUEST_ANSWERED;
    }
    subscription->address = opening->address;
    int wait_ms = revoked_wait_ms(p->revoked, subscription, p->now_wall_us);
    if (wait_ms >= 0) {
        *answer = unavailable(subscription->dialect, wait_ms);
        return REQUEST_REVOKED;
    }
    if (quota_is_full(p->quota, subscription)) {
        *answer = unavailable(subscription->dialect, QUOTA_WAIT_MS);
        return REQUEST_QUOTA;
    }
    if (!is_same_database(subscription->epoch)) {
        *answer = unavailable(subscription->dialect, 0);
        return REQUEST_ANSWERED;
    }
    if (p->drain_until_ns || others_n >= p->conns_most) {
        *answer = unavailable(subscription->dialect, 0);
        return REQUEST_ANSWERED;
    }
    if (!has_place(p, subscription)) {
        *answer = unavailable(subscription->dialect, 0);
        return REQUEST_FULL;
    }
    return REQUEST_STREAM;
}

enum request_outcome request_judge(struct pusher *p, struct str bytes, struct subscription *subscription,
                                   struct frame **answer)
{
    struct head head;
    switch (head_parse(bytes, &head)) {
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
    struct str query = head.target;
    struct str path = str_cut(&query, '?');
    if (str_eq(path, STR("/events")))
        return request_judge_stream(p, p->conns_n - 1, &(struct request_opening){query, head.address}, subscription,
                                    answer);
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
