// SPDX-License-Identifier: Apache-2.0
#include "relay/questions.h"

#include <stdlib.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "base/log.h"
#include "relay/publish.h"
#include "wire/hint.h"

enum { MACHINES_MAX = 64, OPEN_MAX = 64 };

static const int64_t WINDOW_NS = INT64_C(30000000000);
static const int64_t LIVES_NS = INT64_C(3500000000);
// Longer than any writer waits.
static const int64_t OPEN_NS = INT64_C(1000000000);

struct machine {
    uint64_t id; // 0: nobody
    int64_t heard_ns;
    // The least by which its monotonic clock, as it was sent, is behind ours when a message comes: in this window of
    // time, and in it and the one before.
    int64_t window_from_ns;
    int64_t window_ns;
    int64_t apart_ns;
};

// A question of this machine: who has not answered yet, a bit for each place among the machines.
struct asked {
    struct peer *writer; // NULL: none is open here
    int64_t stamp_ns;
    int64_t number;
    uint64_t awaited;
    int64_t until_ns;
};

// A question of another machine, and the pushers that have not answered yet.
struct owed {
    uint64_t from; // 0: none is open here
    int64_t number;
    int64_t stamp_ns;
    uint64_t links;
    int64_t until_ns;
};

struct questions {
    struct machine machines[MACHINES_MAX];
    struct asked asked[OPEN_MAX];
    struct owed owed[OPEN_MAX];
    int64_t last; // number of a question of ours, and stamp of one that our pushers are asked
};

struct questions *questions_new(void)
{
    return mem_zero(sizeof(struct questions));
}

void questions_free(struct questions *questions)
{
    free(questions);
}

// The place of the machine, -1 if it is unknown.
static int place_of(const struct questions *q, uint64_t id)
{
    for (int i = 0; i < MACHINES_MAX; i++)
        if (q->machines[i].id == id)
            return i;
    return -1;
}

int questions_live(const struct relay *relay)
{
    int n = 0;
    for (int i = 0; i < MACHINES_MAX; i++)
        n += relay->questions->machines[i].id != 0;
    return n;
}

static void answer_writer(struct asked *asked)
{
    // One that is gone does not wait, and one whose socket is full asked for nothing else.
    (void)send(asked->writer->watch.fd, &asked->stamp_ns, sizeof asked->stamp_ns, MSG_NOSIGNAL | MSG_DONTWAIT);
    asked->writer = NULL;
}

void questions_ask(struct relay *relay, struct peer *writer, int64_t stamp)
{
    struct questions *q = relay->questions;
    struct asked *asked = q->asked;
    while (asked < q->asked + OPEN_MAX && asked->writer)
        asked++;
    if (asked == q->asked + OPEN_MAX) {
        relay->counters.pending++;
        return;
    }
    *asked = (struct asked){writer, stamp, ++q->last, 0, relay->now_ns + OPEN_NS};
    for (int i = 0; i < MACHINES_MAX; i++)
        asked->awaited |= (uint64_t)(q->machines[i].id != 0) << i;
    if (publish(relay, PUBLISH_RELAYS, (struct seal_message){.kind = SEAL_REVOKED, .number = asked->number})) {
        // The others cannot be reached, nor can it be known that there are none.
        relay->counters.pending++;
        asked->writer = NULL;
    } else if (!asked->awaited) {
        answer_writer(asked);
    }
}

void questions_forget(struct relay *relay, const struct peer *peer)
{
    struct questions *q = relay->questions;
    for (int i = 0; i < OPEN_MAX; i++)
        if (q->asked[i].writer == peer)
            q->asked[i].writer = NULL;
    // A pusher that is gone has no streams. What it was asked is not answered by it, and the asking machine counts
    // that.
}

static void pay(struct relay *relay, struct owed *owed)
{
    const struct seal_message answer = {.kind = SEAL_ACKED, .to = owed->from, .number = owed->number};
    if (publish(relay, PUBLISH_RELAYS, answer))
        log_debug("an answer to another machine could not be sent");
    owed->from = 0;
}

void questions_answered(struct relay *relay, const struct peer *pusher, int64_t stamp)
{
    for (int i = 0; i < OPEN_MAX; i++) {
        struct owed *owed = &relay->questions->owed[i];
        if (!owed->from || owed->stamp_ns > stamp)
            continue;
        owed->links &= ~(UINT64_C(1) << pusher->link);
        if (!owed->links)
            pay(relay, owed);
    }
}

static void take_question(struct relay *relay, const struct seal_message *message)
{
    struct questions *q = relay->questions;
    struct owed *owed = q->owed;
    while (owed < q->owed + OPEN_MAX && owed->from)
        owed++;
    if (owed == q->owed + OPEN_MAX)
        return;
    *owed = (struct owed){message->from, message->number, ++q->last, peers_links(relay), relay->now_ns + OPEN_NS};
    const struct hint hint = {.flags = HINT_REVOKED, .stamp_ns = owed->stamp_ns};
    struct buf packed = {0};
    if (hint_pack(&packed, &hint))
        abort();
    (void)peers_send(relay, owed->links, buf_view(&packed));
    buf_fini(&packed);
    if (!owed->links)
        pay(relay, owed);
}

static void take_answer(struct relay *relay, const struct seal_message *message)
{
    struct questions *q = relay->questions;
    int place = place_of(q, message->from);
    for (int i = 0; i < OPEN_MAX && place >= 0 && message->to == relay->self; i++) {
        struct asked *asked = &q->asked[i];
        if (!asked->writer || asked->number != message->number)
            continue;
        asked->awaited &= ~(UINT64_C(1) << place);
        if (!asked->awaited)
            answer_writer(asked);
    }
}

static void note_apart(struct machine *machine, int64_t now_ns, int64_t apart_ns)
{
    if (now_ns - machine->window_from_ns >= WINDOW_NS) {
        machine->window_from_ns = now_ns;
        machine->apart_ns = machine->window_ns;
        machine->window_ns = apart_ns;
    }
    if (apart_ns < machine->window_ns)
        machine->window_ns = apart_ns;
    if (apart_ns < machine->apart_ns)
        machine->apart_ns = apart_ns;
}

static void hear(struct relay *relay, const struct seal_message *message)
{
    struct questions *q = relay->questions;
    int place = place_of(q, message->from);
    int64_t apart_ns = clock_mono_ns() - (message->sent_us * 1000 - message->ahead_ns);
    if (place < 0) {
        place = place_of(q, 0);
        if (place < 0)
            return;
        log_info("another relay is there: %016llx", (unsigned long long)message->from);
        q->machines[place] = (struct machine){
            .id = message->from, .window_from_ns = relay->now_ns, .window_ns = apart_ns, .apart_ns = apart_ns};
    }
    q->machines[place].heard_ns = relay->now_ns;
    note_apart(&q->machines[place], relay->now_ns, apart_ns);
}

bool questions_apart_ns(const struct relay *relay, uint64_t machine, int64_t *apart_ns)
{
    int place = machine ? place_of(relay->questions, machine) : -1;
    if (place < 0)
        return false;
    *apart_ns = relay->questions->machines[place].apart_ns;
    return true;
}

void questions_take(struct relay *relay, const struct seal_message *message)
{
    if (message->from == relay->self || message->from == 0)
        return;
    hear(relay, message);
    if (message->kind == SEAL_REVOKED)
        take_question(relay, message);
    else if (message->kind == SEAL_ACKED)
        take_answer(relay, message);
}

void questions_tick(struct relay *relay)
{
    struct questions *q = relay->questions;
    // A relay that cannot say so is missed by the others, and finds out by itself what it missed.
    (void)!publish(relay, PUBLISH_RELAYS, (struct seal_message){.kind = SEAL_ALIVE});
    for (int i = 0; i < MACHINES_MAX; i++) {
        struct machine *machine = &q->machines[i];
        if (!machine->id || relay->now_ns - machine->heard_ns < LIVES_NS)
            continue;
        log_warning("another relay is silent: %016llx", (unsigned long long)machine->id);
        machine->id = 0;
    }
    for (int i = 0; i < OPEN_MAX; i++) {
        if (q->asked[i].writer && relay->now_ns > q->asked[i].until_ns) {
            relay->counters.pending++;
            q->asked[i].writer = NULL;
        }
        if (q->owed[i].from && relay->now_ns > q->owed[i].until_ns)
            q->owed[i].from = 0;
    }
}
