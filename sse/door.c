#include "sse/door.h"

#include "sse/room.h"

static int parse_from(struct door_room *room, struct str from)
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

static int parse_room(struct door *door, struct str value, bool denied)
{
    if (door->rooms_n == DOOR_ROOMS_MAX)
        return -1;
    struct door_room *room = &door->rooms[door->rooms_n++];
    *room = (struct door_room){.name = str_cut(&value, '~'), .denied = denied};
    // Who has no user room is denied it by the name that everybody calls it.
    bool nobodys = denied && str_eq(room->name, STR("user:me"));
    if (!nobodys && room_kind_of(room->name) < 0)
        return -1;
    for (unsigned i = 0; i + 1 < door->rooms_n; i++)
        if (str_eq(door->rooms[i].name, room->name))
            return -1;
    if (denied)
        return value.p ? -1 : 0;
    struct str head = str_cut(&value, '~');
    if (str_eq(head, STR("-"))) {
        room->reset = str_eq(value, STR("!"));
        return value.p ? 0 : -1;
    }
    if (str_to_i64(head, &room->head))
        return -1;
    return parse_from(room, value);
}

static int parse_principal(struct door *door, struct str id)
{
    if (door->principals_n == DOOR_PRINCIPALS_MAX || id.n < 5 || id.n >= DOOR_PRINCIPAL_SIZE)
        return -1;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '_')
            return -1;
    }
    door->principals[door->principals_n++] = id;
    return 0;
}

int door_parse(struct str query, struct door *door)
{
    *door = (struct door){.at = -1, .until = INT64_MAX};
    while (query.p) {
        struct str value = str_cut(&query, '&');
        struct str key = str_cut(&value, '=');
        int bad = -1;
        if (str_eq(key, STR("room")))
            bad = parse_room(door, value, false);
        else if (str_eq(key, STR("denied")))
            bad = parse_room(door, value, true);
        else if (str_eq(key, STR("principal")))
            bad = parse_principal(door, value);
        else if (str_eq(key, STR("at")))
            bad = str_to_i64(value, &door->at);
        else if (str_eq(key, STR("until")))
            bad = str_to_i64(value, &door->until);
        if (bad)
            return -1;
    }
    return door->rooms_n && door->principals_n && door->at >= 0 ? 0 : -1;
}
