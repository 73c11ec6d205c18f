#include "cgi/actors.h"

#include <jansson.h>
#include <stdio.h>
#include "cgi/local_http.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/jw.h"

// A question's line must fit the pusher's bound for heads.
enum { ROOMS_A_QUESTION = 50 };
static const int64_t PATIENCE_NS = 50 * INT64_C(1000000);

static bool is_persona(struct str id)
{
    return str_starts(id, STR("per_"));
}

// Marks in `connected` the rooms of `target` ("/rooms?room=…") that have a subscriber at any pusher.
static void ask(json_t *connected, struct str target, int64_t deadline)
{
    for (int64_t i = 1; i <= config_number(CONFIG_PUSHERS); i++) {
        char path[108], name[32];
        const char *room;
        json_t *rooms = NULL, *count;
        struct buf body = {0};
        (void)snprintf(name, sizeof name, "pusher-%d.http", (int)i);
        if (local_http_get(config_socket(path, name), target, deadline, &body) == 200)
            rooms = json_loadb(body.p, body.n, 0, NULL);
        json_object_foreach(rooms, room, count)
        {
            if (json_integer_value(count) > 0)
                (void)json_object_set_new(connected, room, json_true());
        }
        json_decref(rooms);
        buf_fini(&body);
    }
}

// A set of the rooms of those personas that somebody subscribes to.
static json_t *find_connected(struct str pieces)
{
    json_t *connected = json_object();
    struct buf target = {0};
    int64_t deadline = clock_mono_ns() + PATIENCE_NS;
    int n = 0;
    while (pieces.p) {
        struct str piece = str_cut(&pieces, '\x1e');
        struct str id = str_cut(&piece, '\x1f');
        if (is_persona(id)) {
            buf_str(&target, target.n ? STR("&room=persona:") : STR("/rooms?room=persona:"));
            buf_str(&target, id);
            n++;
        }
        if (n == ROOMS_A_QUESTION || (n && !pieces.p)) {
            ask(connected, buf_view(&target), deadline);
            buf_clear(&target);
            n = 0;
        }
    }
    buf_fini(&target);
    return connected;
}

static void print_one(struct buf *out, struct str piece, json_t *connected)
{
    char room[64];
    struct str id = str_cut(&piece, '\x1f');
    (void)snprintf(room, sizeof room, "persona:%.*s", (int)id.n, id.p);
    jw_open(out, '{');
    buf_str(out, piece);
    if (is_persona(id))
        jw_member_bool(out, "connected", json_object_get(connected, room) != NULL);
    jw_close(out, '}');
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
