// SPDX-License-Identifier: Apache-2.0
#include "relay/take.h"

#include <errno.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "base/log.h"
#include "relay/arrivals.h"
#include "relay/bridge.h"
#include "relay/publish.h"
#include "relay/questions.h"
#include "relay/report.h"
#include "relay/texts.h"
#include "wire/hint.h"
#include "wire/interest.h"
#include "wire/room_name.h"

enum { MESSAGES_A_TURN = 64, ARRIVALS_A_TURN = 512, REQUEST_BYTES = 8192 };

static void take_hint(struct relay *relay, struct peer *writer, struct str bytes)
{
    struct hint hint;
    struct room_name name;
    if (hint_unpack(&hint, bytes)) {
        relay->counters.malformed++;
    } else if (hint.flags & HINT_REVOKED) {
        questions_ask(relay, writer, hint.stamp_ns);
    } else if (room_name_parse(hint.room, &name)) {
        relay->counters.malformed++;
    } else {
        int failed = publish(relay, hint.room, (struct seal_message){.kind = SEAL_HINT, .body = bytes});
        *(failed ? &relay->counters.unsent : &relay->counters.sent) += 1;
    }
}

static void take_interest(struct relay *relay, const struct peer *pusher, struct str message)
{
    bool is_followed;
    struct str room;
    int one;
    while ((one = interest_next(&message, &is_followed, &room)) > 0) {
        if (!is_followed)
            followed_remove(relay->followed, pusher->link, room, relay->now_ns);
        else if (followed_add(relay->followed, pusher->link, room))
            log_warning("a room cannot be followed; its readers hear of other machines by the comparison of counters");
    }
    relay->counters.malformed += one < 0;
}

static void take_link(struct relay *relay, struct peer *pusher, struct str message)
{
    int64_t stamp;
    struct hint hint;
    if (message.n == HINT_ACK_BYTES) {
        memcpy(&stamp, message.p, sizeof stamp);
        questions_answered(relay, pusher, stamp);
    } else if (hint_unpack(&hint, message)) {
        take_interest(relay, pusher, message);
    } else {
        texts_from_pusher(relay, &hint);
    }
}

void take_leave(struct relay *relay, struct peer *peer)
{
    questions_forget(relay, peer);
    if (peer->kind == PEER_LINK)
        followed_leave(relay->followed, peer->link, relay->now_ns);
    peers_close(relay, peer);
}

// A request may come in pieces. What follows its head, and what is too long for one, is of no interest.
static void take_request(struct relay *relay, struct peer *caller, struct str bytes)
{
    if (caller->is_answered)
        return;
    buf_str(&caller->request, bytes);
    struct str request = buf_view(&caller->request);
    if (!memmem(request.p, request.n, "\r\n\r\n", 4) && request.n < REQUEST_BYTES)
        return;
    caller->is_answered = true;
    report_answer(relay, caller->watch.fd, request);
    buf_fini(&caller->request);
}

void take_peer(struct relay *relay, struct peer *peer)
{
    static char bytes[HINT_SIZE_MAX + 1];
    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        ssize_t n = recv(peer->watch.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        struct str message = {bytes, n > 0 ? (size_t)n : 0};
        if (n <= 0) {
            take_leave(relay, peer);
            return;
        }
        if (peer->kind == PEER_CALLER)
            take_request(relay, peer, message);
        else if (peer->kind == PEER_LINK)
            take_link(relay, peer, message);
        else
            take_hint(relay, peer, message);
    }
}

// The stamp of a hint is of the other machine's monotonic clock. Pieces of text that bear no number of their writer's
// own are ordered by it, so for them the two monotonic clocks are compared, as wall clocks differ and are set; and
// nothing comes from the future.
static int64_t stamp_here_ns(const struct relay *relay, const struct seal_message *message, const struct hint *hint)
{
    int64_t stamp_ns = hint->stamp_ns + message->ahead_ns - publish_ahead_ns();
    if (!(hint->flags & (HINT_CONTENT | HINT_DELTA)))
        return stamp_ns;
    // A text of which only deltas have come.
    if (!hint->stamp_ns)
        return 0;
    int64_t apart_ns;
    if (questions_apart_ns(relay, message->from, &apart_ns))
        stamp_ns = hint->stamp_ns + apart_ns;
    return stamp_ns < relay->now_ns ? stamp_ns : relay->now_ns;
}

// A hint comes by the subject of its room, and a text that was asked for by that of this relay, which is subscribed to
// only those: the seal covers the subject.
static bool is_its_subject(const struct relay *relay, const struct seal_message *message, struct str room,
                           struct str subject)
{
    struct buf words = {0}, right = {0};
    if (message->kind == SEAL_TEXT)
        texts_address(&words, relay->self);
    else
        buf_str(&words, room);
    publish_subject(&right, relay, buf_view(&words));
    bool is_right = str_eq(buf_view(&right), subject);
    buf_fini(&words);
    buf_fini(&right);
    return is_right;
}

static void pass_on(struct relay *relay, const struct seal_message *message, struct str subject)
{
    const uint32_t never = HINT_REVOKED | HINT_SELF_TEST | HINT_TEXT_WANTED;
    struct hint hint;
    struct room_name name;
    struct buf packed = {0};
    relay->counters.received++;
    if (hint_unpack(&hint, message->body) || hint.flags & never ||
        !(hint.flags & HINT_TEXT_SO_FAR) != (message->kind != SEAL_TEXT) || room_name_parse(hint.room, &name)) {
        relay->counters.malformed++;
        return;
    }
    hint.stamp_ns = stamp_here_ns(relay, message, &hint);
    if (!is_its_subject(relay, message, hint.room, subject) || hint_pack(&packed, &hint)) {
        relay->counters.malformed++;
    } else {
        uint64_t links = followed_links(relay->followed, hint.room);
        uint64_t took = peers_send(relay, links, buf_view(&packed));
        relay->counters.passed += (uint64_t)__builtin_popcountll(took);
        relay->counters.lost += (uint64_t)__builtin_popcountll(links & ~took);
    }
    buf_fini(&packed);
}

static void take_arrival(struct relay *relay, const struct arrival *arrival)
{
    struct seal_message message;
    struct str subject = str_from(arrival->subject);
    enum seal_outcome outcome = seal_open(&message, relay->key, subject, clock_wall_us(), buf_view(&arrival->body));
    if (outcome != SEAL_OK) {
        if (relay->counters.refused[outcome]++ == 0)
            log_warning("a message by NATS is refused: %s", report_refusal(outcome));
        return;
    }
    if (message.kind == SEAL_HINT || message.kind == SEAL_TEXT)
        pass_on(relay, &message, subject);
    else if (message.kind != SEAL_TEXT_WANTED)
        questions_take(relay, &message);
    else if (message.from != relay->self && is_its_subject(relay, &message, message.body, subject))
        texts_wanted(relay, message.from, message.body);
    else
        relay->counters.malformed++;
}

bool take_arrivals(struct relay *relay)
{
    struct arrival arrival;
    for (int i = 0; i < ARRIVALS_A_TURN; i++) {
        if (!arrivals_next(bridge_arrivals(relay->bridge), &arrival))
            return true;
        take_arrival(relay, &arrival);
        arrivals_fini_one(&arrival);
    }
    return false;
}
