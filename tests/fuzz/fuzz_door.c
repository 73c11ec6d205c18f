// What the door passes on: printed again as workspace-api prints it, it is understood the same.
#include "sse/door.h"
#include "sse/room.h"
#include "tests/fuzz/fuzz.h"

static void print(struct buf *query, const struct door *door)
{
    for (unsigned i = 0; i < door->rooms_n; i++) {
        const struct door_room *room = &door->rooms[i];
        buf_str(query, room->denied ? STR("denied=") : STR("room="));
        buf_str(query, room->name);
        if (!room->denied) {
            buf_printf(query, "~%lld~", (long long)room->head);
            if (room->reset)
                buf_char(query, '!');
            else
                buf_i64(query, room->from);
        }
        buf_char(query, '&');
    }
    for (unsigned i = 0; i < door->principals_n; i++) {
        buf_lit(query, "principal=");
        buf_str(query, door->principals[i]);
        buf_char(query, '&');
    }
    buf_printf(query, "at=%lld&until=%lld", (long long)door->at, (long long)door->until);
}

static void compare(const struct door_room *a, const struct door_room *b)
{
    assert(str_eq(a->name, b->name) && a->denied == b->denied);
    assert(a->reset == b->reset && a->head == b->head && a->from == b->from);
    assert(a->from >= 0 && a->from <= a->head && room_kind_of(a->name) >= 0);
    // It is printed into JSON as it is.
    for (size_t i = 0; i < a->name.n; i++)
        assert(a->name.p[i] > ' ' && a->name.p[i] < 0x7f && a->name.p[i] != '"' && a->name.p[i] != '\\');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct door door, again;
    struct buf query = {0};

    if (door_parse((struct str){(const char *)data, size}, &door))
        return 0;
    print(&query, &door);
    int failed = door_parse(buf_view(&query), &again);
    assert(!failed && door.rooms_n == again.rooms_n && door.principals_n == again.principals_n && door.at == again.at);
    assert(door.until == again.until && door.until >= 0);
    for (unsigned i = 0; i < door.rooms_n; i++)
        compare(&door.rooms[i], &again.rooms[i]);
    for (unsigned i = 0; i < door.principals_n; i++)
        assert(str_eq(door.principals[i], again.principals[i]) && door.principals[i].n < DOOR_PRINCIPAL_SIZE);
    buf_fini(&query);
    return 0;
}
