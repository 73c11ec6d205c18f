// SPDX-License-Identifier: Apache-2.0
// The door to the pushers: a request for an event stream is authorised here and handed over by X-Accel-Redirect, with
// everything the pusher has to know. The internal URI is printed from parsed ids and numbers only.
#include "cgi/workspace_routes.h"

#include "cgi/problem.h"
#include "cgi/pusher.h"
#include "cgi/reply.h"
#include "base/config.h"
#include "wire/cursor.h"
#include "wire/room_name.h"

struct room {
    struct str text; // as the client wrote it
    struct room_name name;
    struct store_room_found found;
};

struct asked {
    int n;
    struct room rooms[CURSOR_ROOMS_MAX];
    struct cursor cursor;
    bool is_of_before; // the position was counted by another database than this one
};

static int read_rooms(struct request *r, struct asked *asked)
{
    for (int i = 0; i < r->queries; i++) {
        if (!str_eq(r->query[i].name, STR("room")))
            continue;
        if (asked->n == CURSOR_ROOMS_MAX)
            return problem_query(r, "room", "may be given at most six times");
        struct room *room = &asked->rooms[asked->n];
        room->text = r->query[i].value;
        if (room_name_parse_public(room->text, &room->name))
            return problem_query(r, "room", "has no known form");
        for (int j = 0; j < asked->n; j++)
            if (str_eq(asked->rooms[j].text, room->text))
                return problem_query(r, "room", "must not be given twice");
        asked->n++;
    }
    if (asked->n == 0)
        return problem_query(r, "room", "is missing");
    // Clients that reconnect by themselves append their position to the address of before, so the last one is theirs.
    struct str position = r->last_event_id.n ? r->last_event_id : request_query_last(r, "lastEventId");
    cursor_parse(&asked->cursor, position, asked->n);
    return 0;
}

static struct store_answer ask(struct request *r, const struct asked *asked)
{
    struct buf names = {0}, ids = {0};
    struct caller caller = caller_of(r);
    for (int i = 0; i < asked->n; i++) {
        buf_char(&names, i ? ',' : '{');
        buf_str(&names, room_name_word(asked->rooms[i].name.kind));
        buf_char(&ids, i ? ',' : '{');
        buf_str(&ids, asked->rooms[i].name.id);
    }
    buf_char(&names, '}');
    buf_char(&ids, '}');
    struct store_answer answer = store_room_door(r->worker->pg, &caller, buf_cstr(&names), buf_cstr(&ids),
                                                 request_keep_i64(r, config_number(CONFIG_END_DELAY)));
    buf_fini(&names);
    buf_fini(&ids);
    return answer;
}

static void read_answer(struct asked *asked, const struct store_answer *answer)
{
    struct store_room_pass pass;
    store_room_pass_read(answer, &pass);
    asked->is_of_before = *asked->cursor.epoch && !str_eq(str_from(asked->cursor.epoch), pass.epoch);
    for (int i = 0; i < asked->n; i++) {
        struct store_room_found *found = &asked->rooms[i].found;
        store_room_found_read(answer, i, found);
        // A number for a room that has no counter is no position of ours.
        if (found->is_allowed && !found->is_counted && asked->cursor.from[i] != CURSOR_NOW)
            asked->cursor.is_malformed = true;
    }
}

static bool is_all_denied(const struct asked *asked)
{
    for (int i = 0; i < asked->n; i++)
        if (asked->rooms[i].found.is_allowed)
            return false;
    return true;
}

// A client has come back that has everything, and nothing more can come: 204 stops an EventSource.
static bool is_over(const struct asked *asked)
{
    if (!asked->cursor.is_given || asked->cursor.is_malformed || asked->is_of_before)
        return false;
    for (int i = 0; i < asked->n; i++) {
        const struct store_room_found *found = &asked->rooms[i].found;
        if (found->is_allowed && (!found->has_ended || asked->cursor.from[i] != found->head))
            return false;
    }
    return true;
}

// Prints into `names` what the subscription's room views; they are all printed before any is viewed.
static void print_names(struct buf *names, const struct request *r, const struct asked *asked, struct str caller_id)
{
    for (int i = 0; i < asked->n; i++) {
        struct room_name name = room_name_meant(asked->rooms[i].name, caller_id, r->id[0], r->is_program);
        if (asked->rooms[i].found.is_allowed)
            room_name_print(names, &name);
        else
            buf_str(names, asked->rooms[i].text);
        buf_char(names, ' ');
    }
}

// The status: 200, or a problem's.
static int hand_over(struct request *r, const struct asked *asked, const struct store_answer *answer)
{
    struct buf names = {0};
    struct store_room_pass pass;
    store_room_pass_read(answer, &pass);
    struct subscription subscription = {.rooms_n = (unsigned)asked->n};
    pusher_pass(&subscription, r, &pass);
    subscription.numbers_only = r->is_share;
    print_names(&names, r, asked, pass.caller_id);
    struct str rest = buf_view(&names);
    for (int i = 0; i < asked->n; i++)
        subscription.rooms[i] = (struct subscription_room){
            .name = str_cut(&rest, ' '),
            .denied = !asked->rooms[i].found.is_allowed,
            .reset = asked->cursor.is_malformed || (asked->is_of_before && asked->rooms[i].found.is_counted),
            .head = asked->rooms[i].found.head,
            .from = asked->cursor.from[i],
        };
    int status = pusher_redirect(r, &subscription);
    buf_fini(&names);
    return status;
}

static int open_door(struct request *r)
{
    struct asked asked = {0};
    int status = read_rooms(r, &asked);
    if (status)
        return status;
    struct store_answer answer = ask(r, &asked);
    status = reply_failure(r, &answer);
    if (!status) {
        read_answer(&asked, &answer);
        status = is_all_denied(&asked) ? problem_not_found(r) : is_over(&asked) ? 204 : 200;
    }
    // nginx would answer a HEAD with the pusher's whole stream.
    if (status == 200 && r->method == METHOD_GET)
        status = hand_over(r, &asked, &answer);
    // What fails here, too, the EventSource learns from an event.
    if (status >= 500)
        request_header(r, "X-Accel-Redirect", STR("/internal/unavailable"));
    if (status == 200 || status >= 500)
        pusher_stream_headers(r);
    store_answer_fini(&answer);
    return status;
}

const struct route door_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/events", AUTH_KNOWN, BODY_NONE, open_door},
    {METHOD_GET, "/api/shares/{shr}/events", AUTH_SHARE, BODY_NONE, open_door},
    {0},
};
