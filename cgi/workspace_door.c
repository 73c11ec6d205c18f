// The door to the pushers: who asks for an event stream is authorised here, and handed over by X-Accel-Redirect with
// what the pusher has to know. The internal URI is printed from parsed ids and numbers only.
#include "cgi/workspace_routes.h"

#include "cgi/cursor.h"
#include "cgi/reply.h"
#include "lib/config.h"
#include "lib/id.h"
#include "lib/store_door.h"

enum { ROOMS_MAX = CURSOR_ROOMS_MAX };

// Kinds of rooms and the prefix of their ids; `user` has only the room "me".
static const struct kind {
    const char *name;
    const char *prefix;
} kinds[] = {
    {"session", "ses"}, {"stream", "str"}, {"workspace", "ws"}, {"persona", "per"}, {"user", NULL},
};

struct room {
    struct str name; // KIND:ID as the client wrote it
    struct str kind;
    struct str id;
};

struct asked {
    int n;
    struct room rooms[ROOMS_MAX];
    struct cursor cursor;
};

static int parse_room(struct room *room, struct str text)
{
    room->name = text;
    room->kind = str_cut(&text, ':');
    room->id = text;
    if (!text.p)
        return -1;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(room->kind, str_from(kinds[i].name)))
            return (kinds[i].prefix ? id_valid(text, kinds[i].prefix) : str_eq(text, STR("me"))) ? 0 : -1;
    return -1;
}

static int read_rooms(struct request *r, struct asked *asked)
{
    for (int i = 0; i < r->queries; i++) {
        if (!str_eq(r->query[i].name, STR("room")))
            continue;
        if (asked->n == ROOMS_MAX)
            return problem_query(r, "room", "may be given at most six times");
        if (parse_room(&asked->rooms[asked->n], r->query[i].value))
            return problem_query(r, "room", "has no known form");
        for (int j = 0; j < asked->n; j++)
            if (str_eq(asked->rooms[j].name, asked->rooms[asked->n].name))
                return problem_query(r, "room", "must not be given twice");
        asked->n++;
    }
    if (asked->n == 0)
        return problem_query(r, "room", "is missing");
    struct str position = r->last_event_id.n ? r->last_event_id : request_query(r, "lastEventId");
    cursor_parse(&asked->cursor, position, asked->n);
    return 0;
}

static struct answer ask(struct request *r, const struct asked *asked)
{
    struct buf names = {0}, ids = {0};
    struct caller caller = caller_of(r);
    for (int i = 0; i < asked->n; i++) {
        buf_char(&names, i ? ',' : '{');
        buf_str(&names, asked->rooms[i].kind);
        buf_char(&ids, i ? ',' : '{');
        buf_str(&ids, asked->rooms[i].id);
    }
    buf_char(&names, '}');
    buf_char(&ids, '}');
    struct answer answer = store_door(r->worker->pg, &caller, buf_cstr(&names), buf_cstr(&ids));
    buf_fini(&names);
    buf_fini(&ids);
    return answer;
}

static bool is_allowed(const struct answer *answer, int i)
{
    return pg_bool(answer->rows, i, DOOR_ALLOWED);
}

// A number for a room that has no counter is no position of ours.
static void check_cursor(struct asked *asked, const struct answer *answer)
{
    for (int i = 0; i < asked->n; i++)
        if (is_allowed(answer, i) && pg_is_null(answer->rows, i, DOOR_HEAD) && asked->cursor.from[i] != CURSOR_NOW)
            asked->cursor.is_malformed = true;
}

static bool is_all_denied(const struct asked *asked, const struct answer *answer)
{
    for (int i = 0; i < asked->n; i++)
        if (is_allowed(answer, i))
            return false;
    return true;
}

// Somebody came back who has everything, and nothing more can come: 204 stops an EventSource.
static bool is_over(const struct asked *asked, const struct answer *answer)
{
    if (!asked->cursor.is_given || asked->cursor.is_malformed)
        return false;
    for (int i = 0; i < asked->n; i++)
        if (is_allowed(answer, i) &&
            (!pg_bool(answer->rows, i, DOOR_ENDED) || asked->cursor.from[i] != pg_i64(answer->rows, i, DOOR_HEAD)))
            return false;
    return true;
}

// The pusher of one principal is always the same: its streams share frames there. FNV-1a.
static int64_t pusher_of(struct str principal)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < principal.n; i++)
        hash = (hash ^ (unsigned char)principal.p[i]) * 16777619u;
    return 1 + hash % config_number(CONFIG_PUSHERS);
}

// What a user calls "me" is inside the room of that user in this workspace; programs hear of a workspace in another
// room than people, who may read sessions there that most programs may not.
static void print_inner_id(struct buf *uri, const struct request *r, const struct room *room,
                           const struct answer *answer)
{
    bool is_own = str_eq(room->kind, STR("user"));
    buf_str(uri, is_own ? answer_body(answer) : room->id);
    if (is_own) {
        buf_char(uri, '.');
        buf_str(uri, r->id[0]);
    } else if (r->is_program && str_eq(room->kind, STR("workspace"))) {
        buf_lit(uri, ".programs");
    }
}

static void print_room(struct buf *uri, const struct request *r, const struct asked *asked, const struct answer *answer,
                       int i)
{
    const struct room *room = &asked->rooms[i];
    bool allowed = is_allowed(answer, i);
    buf_str(uri, allowed ? STR("room=") : STR("denied="));
    buf_str(uri, room->kind);
    buf_char(uri, ':');
    if (!allowed) {
        buf_str(uri, room->id);
    } else {
        print_inner_id(uri, r, room, answer);
        buf_char(uri, '~');
        if (pg_is_null(answer->rows, i, DOOR_HEAD))
            buf_char(uri, '-');
        else
            buf_i64(uri, pg_i64(answer->rows, i, DOOR_HEAD));
        buf_char(uri, '~');
        if (asked->cursor.is_malformed)
            buf_char(uri, '!');
        else if (asked->cursor.from[i] == CURSOR_NOW)
            buf_char(uri, '-');
        else
            buf_i64(uri, asked->cursor.from[i]);
    }
    buf_char(uri, '&');
}

static void hand_over(struct request *r, const struct asked *asked, const struct answer *answer)
{
    struct buf uri = {0};
    buf_printf(&uri, "/internal/pusher/%lld?", (long long)pusher_of(answer_body(answer)));
    for (int i = 0; i < asked->n; i++)
        print_room(&uri, r, asked, answer, i);
    buf_lit(&uri, "principal=");
    buf_str(&uri, answer_body(answer));
    buf_lit(&uri, "&principal=");
    buf_str(&uri, answer_problem(answer));
    buf_lit(&uri, "&at=");
    buf_i64(&uri, pg_time(answer->rows, 0, DOOR_AT));
    if (!pg_is_null(answer->rows, 0, DOOR_UNTIL)) {
        buf_lit(&uri, "&until=");
        buf_i64(&uri, pg_time(answer->rows, 0, DOOR_UNTIL));
    }
    request_header(r, "X-Accel-Redirect", buf_view(&uri));
    buf_fini(&uri);
}

static int open_door(struct request *r)
{
    struct asked asked = {0};
    int status = read_rooms(r, &asked);
    if (status)
        return status;
    struct answer answer = ask(r, &asked);
    status = reply_refusal(r, &answer);
    if (!status) {
        check_cursor(&asked, &answer);
        status = is_all_denied(&asked, &answer) ? problem_not_found(r) : is_over(&asked, &answer) ? 204 : 200;
    }
    // Of what fails here too the EventSource hears by an event.
    if (status >= 500)
        request_header(r, "X-Accel-Redirect", STR("/internal/unavailable"));
    // To a HEAD nginx would give the pusher's whole stream.
    else if (status == 200 && r->method == METHOD_GET)
        hand_over(r, &asked, &answer);
    if (status == 200 || status >= 500)
        request_header(r, "Content-Type", STR("text/event-stream"));
    answer_fini(&answer);
    return status;
}

const struct route door_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/events", WHO_KNOWN, BODY_NONE, open_door},
    {0},
};
