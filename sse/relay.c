// SPDX-License-Identifier: Apache-2.0
#include "sse/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/log.h"
#include "base/unix_socket.h"
#include "sse/hints.h"
#include "sse/room.h"
#include "sse/room_steps.h"
#include "wire/hint.h"
#include "wire/interest.h"

static const int64_t RETRY_NS = INT64_C(500000000);

enum { CHECKS = 2, CHANGES_LEAST_BYTES = 1 << 20 };
static const int64_t check_after_ns[CHECKS] = {INT64_C(50000000), INT64_C(500000000)};

// A room whose counter is to be compared.
struct check {
    struct link queued;
    int64_t due_ns;
    char name[];
};

struct relay {
    struct pusher *p;
    char *path;
    int64_t retry_at_ns;
    int failures;        // attempts in a row
    struct buf changes;  // that the relay has not been told
    size_t changes_most; // more of them than a new connection would have to be told
    struct list checks[CHECKS];
};

struct relay *relay_new(struct pusher *p, const char *path)
{
    struct relay *relay = mem_zero(sizeof *relay);
    relay->p = p;
    relay->path = mem_dup(str_from(path));
    for (int i = 0; i < CHECKS; i++)
        list_init(&relay->checks[i]);
    p->rooms.interest = &relay->changes;
    return relay;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    relay->p->rooms.interest = NULL;
    for (int i = 0; i < CHECKS; i++)
        for (struct link *link; (link = list_take(&relay->checks[i]));)
            free(LIST_OWNER(link, struct check, queued));
    buf_fini(&relay->changes);
    free(relay->path);
    free(relay);
}

// A new connection knows no rooms.
static void tell_all(struct relay *relay)
{
    const struct rooms *rooms = &relay->p->rooms;
    buf_clear(&relay->changes);
    for (size_t i = 0; i < rooms->cap; i++)
        for (const struct room *room = rooms->at[i]; room; room = room->same_hash)
            if (room->is_told)
                interest_add(&relay->changes, true, str_from(room->name));
    relay->changes_most = 2 * relay->changes.n + CHANGES_LEAST_BYTES;
}

static void connect_now(struct relay *relay)
{
    relay->retry_at_ns = relay->p->now_ns + RETRY_NS;
    int fd = unix_socket_connect(relay->path, SOCK_SEQPACKET);
    if (fd >= 0)
        relay->p->relay_writer = hints_new(relay->p, fd);
    if (relay->p->relay_writer) {
        log_info("the relay to other machines is connected");
        relay->failures = 0;
        tell_all(relay);
        return;
    }
    // The first time it may only be about to start.
    if (++relay->failures == 2)
        log_error("the relay to other machines is away: %s: %s", relay->path, strerror(errno));
}

static void check_later(struct relay *relay, struct str room)
{
    for (int i = 0; i < CHECKS; i++) {
        struct check *check = mem_zero(sizeof *check + room.n + 1);
        check->due_ns = relay->p->now_ns + check_after_ns[i];
        memcpy(check->name, room.p, room.n);
        list_join(&relay->checks[i], &check->queued);
    }
}

// Readers who come in the middle of a text have been sent its checkpoint, until there is an answer.
static void ask_for_texts(const struct relay *relay, const struct room *room)
{
    struct buf packed = {0};
    if (room->kind == ROOM_SESSION &&
        (hint_pack(&packed, &(struct hint){.flags = HINT_TEXT_WANTED, .room = str_from(room->name)}) ||
         hints_send(relay->p->relay_writer, buf_view(&packed))))
        log_debug("the relay was not asked for the texts of %s", room->name);
    buf_fini(&packed);
}

static void check_all_of(struct relay *relay, struct str message)
{
    bool is_followed;
    struct str room;
    while (interest_next(&message, &is_followed, &room) > 0) {
        const struct room *found = is_followed ? rooms_find(&relay->p->rooms, room) : NULL;
        if (!found)
            continue;
        ask_for_texts(relay, found);
        check_later(relay, room);
    }
}

static void tell(struct relay *relay)
{
    struct str rest = buf_view(&relay->changes);
    while (rest.n) {
        struct str before = rest;
        struct str message = interest_cut(&rest);
        if (hints_send(relay->p->relay_writer, message)) {
            // Full: the next turn goes on. Anything else is noticed when the connection is read.
            rest = before;
            break;
        }
        check_all_of(relay, message);
    }
    size_t told = relay->changes.n - rest.n;
    memmove(relay->changes.p, relay->changes.p + told, rest.n);
    relay->changes.n = rest.n;
}

static void check_due(struct relay *relay, struct list *checks)
{
    for (struct link *link; (link = list_first(checks));) {
        struct check *check = LIST_OWNER(link, struct check, queued);
        if (check->due_ns > relay->p->now_ns)
            return;
        struct room *room = rooms_find(&relay->p->rooms, str_from(check->name));
        if (room && room->followed && room_is_counted(room))
            room_want(room, WANT_CHECK);
        // What was written between the first answer and the subscription is in the second.
        if (room && room->subs_n && room->steps_n && relay->p->relay_writer)
            ask_for_texts(relay, room);
        list_leave(link);
        free(check);
    }
}

// False if the socket is full.
static bool answer_with(const struct relay *relay, struct hint hint, const struct text *text)
{
    struct str rest = buf_view(&text->escaped);
    size_t most = hint_room_for_body(&hint);
    struct buf packed = {0};
    bool is_sent = true;
    hint.pieces = (uint16_t)((rest.n + most - 1) / most);
    for (hint.piece = 0; hint.piece < hint.pieces && is_sent; hint.piece++) {
        hint.body = (struct str){rest.p, rest.n < most ? rest.n : most};
        rest = str_skip(rest, hint.body.n);
        buf_clear(&packed);
        is_sent = hint_pack(&packed, &hint) == 0 && hints_send(relay->p->relay_writer, buf_view(&packed)) == 0;
    }
    buf_fini(&packed);
    return is_sent;
}

// What the relay's socket does not take is not sent: the asking reader sees the checkpoint.
static void answer(const struct relay *relay, int64_t question, struct str name)
{
    const struct room *room = rooms_find(&relay->p->rooms, name);
    const struct step *step = room ? room_steps_written(room, 0) : NULL;
    for (; step; step = room_steps_written(room, step->start_seq)) {
        const struct hint hint = {.flags = HINT_CONTENT | HINT_TEXT_SO_FAR,
                                  .start_seq = step->start_seq,
                                  .stamp_ns = step->text.stamp_ns,
                                  .n = step->text.n,
                                  .offset = question,
                                  .raw_length = (uint32_t)step->text.raw,
                                  .room = name,
                                  .name = STR("agent_session:step:progress"),
                                  .step = str_from(step->id)};
        if (!answer_with(relay, hint, &step->text))
            return;
    }
}

static void answer_all(const struct relay *relay)
{
    struct buf *questions = &relay->p->text_questions;
    struct str rest = buf_view(questions);
    int64_t number;
    while (relay->p->relay_writer && rest.n > sizeof number) {
        memcpy(&number, rest.p, sizeof number);
        rest = str_skip(rest, sizeof number);
        answer(relay, number, str_cut(&rest, '\0'));
    }
    buf_clear(questions);
}

void relay_step(struct relay *relay)
{
    if (!relay->p->relay_writer && relay->p->now_ns >= relay->retry_at_ns)
        connect_now(relay);
    if (!relay->p->relay_writer)
        buf_clear(&relay->changes);
    else if (relay->changes.n)
        tell(relay);
    // It reads nothing. A new connection is told how things are then, not all that has happened.
    if (relay->p->relay_writer && relay->changes.n > relay->changes_most) {
        log_error("the relay to other machines does not read; it is connected again");
        hints_end(relay->p, relay->p->relay_writer);
        buf_fini(&relay->changes);
    }
    answer_all(relay);
    for (int i = 0; i < CHECKS; i++)
        check_due(relay, &relay->checks[i]);
}
