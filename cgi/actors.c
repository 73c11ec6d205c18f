// SPDX-License-Identifier: Apache-2.0
#include "cgi/actors.h"

#include <jansson.h>
#include "cgi/local_http.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/jw.h"
#include "wire/room_name.h"
#include "wire/socket.h"

// The request line must stay within the pusher's limit for request heads.
enum { ROOMS_A_QUESTION = 50 };
static const int64_t PATIENCE_NS = 50 * INT64_C(1000000);

static bool is_persona(struct str id)
{
    return str_starts(id, STR("per_"));
}

// Adds to `connected` the rooms of `target` ("/rooms?room=…") that have a subscriber at any pusher, with true for those
// where one has acknowledged something.
static void ask(json_t *connected, struct str target, int64_t deadline_ns)
{
    for (int64_t i = 1; i <= config_number(CONFIG_PUSHERS); i++) {
        char path[UNIX_SOCKET_PATH_SIZE], name[SOCKET_NAME_SIZE];
        const char *room;
        json_t *rooms = NULL, *found;
        struct buf body = {0};
        (void)config_socket(path, socket_name(name, SOCKET_STREAMS, (int)i));
        if (local_http_get(path, target, deadline_ns, &body) == 200)
            rooms = json_loadb(body.p, body.n, 0, NULL);
        json_object_foreach(rooms, room, found)
        {
            bool is_acknowledged = json_is_true(json_object_get(found, "acknowledged"));
            if (is_acknowledged ||
                (json_integer_value(json_object_get(found, "subscribers")) > 0 && !json_object_get(connected, room)))
                (void)json_object_set_new(connected, room, json_boolean(is_acknowledged));
        }
        json_decref(rooms);
        buf_fini(&body);
    }
}

static void print_room(struct buf *out, struct str persona_id)
{
    room_name_print(out, &(struct room_name){ROOM_PERSONA, persona_id, STR_NONE});
}

// Returns the rooms of those personas that have a subscriber, as ask() adds them.
static json_t *find_connected(struct str pieces)
{
    json_t *connected = json_object();
    struct buf target = {0};
    int64_t deadline_ns = clock_mono_ns() + PATIENCE_NS;
    int n = 0;
    while (pieces.p) {
        struct str piece = str_cut(&pieces, '\x1e');
        struct str id = str_cut(&piece, '\x1f');
        if (is_persona(id)) {
            buf_str(&target, target.n ? STR("&room=") : STR("/rooms?room="));
            print_room(&target, id);
            n++;
        }
        if (n == ROOMS_A_QUESTION || (n && !pieces.p)) {
            ask(connected, buf_view(&target), deadline_ns);
            buf_clear(&target);
            n = 0;
        }
    }
    buf_fini(&target);
    return connected;
}

static void print_one(struct buf *out, struct str piece, json_t *connected)
{
    struct buf room = {0};
    struct str id = str_cut(&piece, '\x1f');
    bool has_called = str_cut(&piece, '\x1f').n > 0;
    print_room(&room, id);
    const json_t *subscribed = json_object_get(connected, buf_cstr(&room));
    jw_open(out, '{');
    buf_str(out, piece);
    if (is_persona(id))
        jw_member_bool(out, "connected", subscribed && (has_called || json_is_true(subscribed)));
    jw_close(out, '}');
    buf_fini(&room);
}

void actors_print(struct buf *out, struct str pieces)
{
    json_t *connected = find_connected(pieces);
    jw_open(out, '[');
    while (pieces.p)
        print_one(out, str_cut(&pieces, '\x1e'), connected);
    jw_close(out, ']');
    json_decref(connected);
}

void actors_print_one(struct buf *out, struct str piece)
{
    json_t *connected = find_connected(piece);
    print_one(out, piece, connected);
    json_decref(connected);
}
