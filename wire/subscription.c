// SPDX-License-Identifier: Apache-2.0
#include "wire/subscription.h"

#include "wire/room_name.h"

static int parse_from(struct subscription_room *room, struct str from)
{
    room->from = room->head;
    if (str_eq(from, STR("-")))
        return 0;
    if (str_eq(from, STR("!"))) {
        room->reset = true;
        return 0;
    }
    if (str_to_i64(from, &room->from))
        return -1;
    if (room->from > room->head) {
        room->from = room->head;
        room->reset = true;
    }
    return 0;
}

static int parse_denied(struct subscription_room *room, struct str value)
{
    struct room_name name;
    room->denied = true;
    // The name may be a public one: there is no internal one for somebody who has no user room.
    return value.p || (room_name_parse(room->name, &name) && room_name_parse_public(room->name, &name)) ? -1 : 0;
}

static int parse_position(struct subscription_room *room, struct str value)
{
    struct room_name name;
    if (room_name_parse(room->name, &name))
        return -1;
    struct str head = str_cut(&value, '~');
    if (room_name_is_counted(name.kind))
        return str_to_i64(head, &room->head) ? -1 : parse_from(room, value);
    room->reset = str_eq(value, STR("!"));
    return str_eq(head, STR("-")) && (room->reset || str_eq(value, STR("-"))) ? 0 : -1;
}

static int parse_room(struct subscription *subscription, struct str value, bool denied)
{
    if (subscription->rooms_n == CURSOR_ROOMS_MAX)
        return -1;
    struct subscription_room *room = &subscription->rooms[subscription->rooms_n++];
    *room = (struct subscription_room){.name = str_cut(&value, '~')};
    for (unsigned i = 0; i + 1 < subscription->rooms_n; i++)
        if (str_eq(subscription->rooms[i].name, room->name))
            return -1;
    return denied ? parse_denied(room, value) : parse_position(room, value);
}

static int parse_principal(struct subscription *subscription, struct str id)
{
    if (subscription->principals_n == SUBSCRIPTION_PRINCIPALS_MAX || id.n < 5 || id.n >= SUBSCRIPTION_PRINCIPAL_SIZE)
        return -1;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '_')
            return -1;
    }
    subscription->principals[subscription->principals_n++] = id;
    return 0;
}

// It goes into the stream's head.
static int parse_origin(struct subscription *subscription, struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] <= ' ' || value.p[i] > '~')
            return -1;
    subscription->origin = value;
    return value.n ? 0 : -1;
}

static bool is_one_session(const struct subscription *subscription)
{
    struct room_name name;
    return subscription->rooms_n == 1 && !subscription->rooms[0].denied &&
           room_name_parse(subscription->rooms[0].name, &name) == 0 && name.kind == ROOM_SESSION;
}

int subscription_parse(struct subscription *subscription, struct str query)
{
    *subscription = (struct subscription){.at_us = -1, .until_us = INT64_MAX};
    while (query.p) {
        struct str value = str_cut(&query, '&');
        struct str key = str_cut(&value, '=');
        int bad = -1;
        if (str_eq(key, STR("room")))
            bad = parse_room(subscription, value, false);
        else if (str_eq(key, STR("denied")))
            bad = parse_room(subscription, value, true);
        else if (str_eq(key, STR("principal")))
            bad = parse_principal(subscription, value);
        else if (str_eq(key, STR("at")))
            bad = str_to_i64(value, &subscription->at_us);
        else if (str_eq(key, STR("epoch")))
            bad = cursor_is_epoch(value) ? 0 : -1;
        else if (str_eq(key, STR("origin")))
            bad = parse_origin(subscription, value);
        else if (str_eq(key, STR("dialect")))
            bad = (subscription->dialect = dialect_named(value)) == DIALECT__MAX ? -1 : 0;
        else if (str_eq(key, STR("numbers")))
            bad = str_eq(value, STR("1")) ? 0 : -1;
        else if (str_eq(key, STR("until")))
            bad = str_to_i64(value, &subscription->until_us);
        if (bad)
            return -1;
        if (str_eq(key, STR("epoch")))
            subscription->epoch = value;
        subscription->numbers_only |= str_eq(key, STR("numbers"));
    }
    if (subscription->dialect != DIALECT_NATIVE && !is_one_session(subscription))
        return -1;
    return subscription->rooms_n && subscription->principals_n && subscription->at_us >= 0 ? 0 : -1;
}

static void print_position(struct buf *b, const struct subscription_room *room, bool counted)
{
    buf_char(b, '~');
    if (counted)
        buf_i64(b, room->head);
    else
        buf_char(b, '-');
    buf_char(b, '~');
    if (room->reset)
        buf_char(b, '!');
    else if (!counted || room->from == CURSOR_NOW)
        buf_char(b, '-');
    else
        buf_i64(b, room->from);
}

static void print_room(struct buf *b, const struct subscription_room *room)
{
    struct room_name name;
    buf_str(b, room->denied ? STR("denied=") : STR("room="));
    buf_str(b, room->name);
    if (!room->denied)
        print_position(b, room, room_name_parse(room->name, &name) == 0 && room_name_is_counted(name.kind));
    buf_char(b, '&');
}

void subscription_print(struct buf *b, const struct subscription *subscription)
{
    for (unsigned i = 0; i < subscription->rooms_n; i++)
        print_room(b, &subscription->rooms[i]);
    for (unsigned i = 0; i < subscription->principals_n; i++) {
        buf_lit(b, "principal=");
        buf_str(b, subscription->principals[i]);
        buf_char(b, '&');
    }
    buf_lit(b, "at=");
    buf_i64(b, subscription->at_us);
    if (subscription->epoch.n) {
        buf_lit(b, "&epoch=");
        buf_str(b, subscription->epoch);
    }
    if (subscription->origin.n) {
        buf_lit(b, "&origin=");
        buf_str(b, subscription->origin);
    }
    if (subscription->dialect != DIALECT_NATIVE) {
        buf_lit(b, "&dialect=");
        buf_str(b, dialect_word(subscription->dialect));
    }
    if (subscription->numbers_only)
        buf_lit(b, "&numbers=1");
    if (subscription->until_us == INT64_MAX)
        return;
    buf_lit(b, "&until=");
    buf_i64(b, subscription->until_us);
}
