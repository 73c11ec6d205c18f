#include "lib/publish.h"

#include <assert.h>
#include "lib/clock.h"
#include "lib/jw.h"

static const struct event {
    const char *name;
    bool ends_session;
    bool tells_persona;
} events[PUBLISH__MAX] = {
    [PUBLISH_REQUESTED] = {"agent_session:requested", false, true},
    [PUBLISH_STARTED] = {"agent_session:started", false, false},
    [PUBLISH_COMPLETED] = {"agent_session:completed", true, false},
    [PUBLISH_FAILED] = {"agent_session:failed", true, false},
    [PUBLISH_CANCELLED] = {"agent_session:cancelled", true, true},
};

const char *publish_name(enum publish_event event)
{
    return events[event].name;
}

void publish_read(struct publish_session *s, const PGresult *rows, int row, int first)
{
    int at = first;
    s->session_id = pg_str(rows, row, at++);
    s->session_seq = pg_i64(rows, row, at++);
    s->workspace_id = pg_str(rows, row, at++);
    s->persona_id = pg_str(rows, row, at++);
    s->stream_id = pg_str(rows, row, at++);
    s->stream_seq = pg_i64(rows, row, at++);
    s->at = pg_time(rows, row, at++);
    s->actor = pg_str(rows, row, at++);
    s->parent_stream_id = pg_str(rows, row, at++);
    s->parent_message_id = pg_str(rows, row, at++);
    s->root_id = pg_str(rows, row, at++);
    s->root_last_seq = pg_i64(rows, row, at++);
    s->others_active = pg_i64(rows, row, at++);
    s->followers = pg_str(rows, row, at++);
    s->session = pg_str(rows, row, at++);
    assert(at == first + PUBLISH_COLUMNS);
}

void publish_read_progress(struct publish_session *s, const PGresult *rows, int row, int column)
{
    enum { STREAM, PARENT_STREAM, PARENT_MESSAGE, SESSION };
    s->stream_id = pg_element(rows, row, column, STREAM);
    s->parent_stream_id = pg_element(rows, row, column, PARENT_STREAM);
    s->parent_message_id = pg_element(rows, row, column, PARENT_MESSAGE);
    s->session = pg_element(rows, row, column, SESSION);
}

// One event on its way: the rooms' names and the body are built here, sent, and built anew for the next.
struct post {
    struct bus *bus;
    struct buf room;
    struct buf body;
};

static void post_fini(struct post *post)
{
    buf_fini(&post->room);
    buf_fini(&post->body);
}

static void post_address(struct post *post, const char *kind, struct str id)
{
    buf_clear(&post->room);
    buf_str(&post->room, str_from(kind));
    buf_char(&post->room, ':');
    buf_str(&post->room, id);
}

// Begins the body of an event of that room; the caller appends members and sends.
static void post_begin(struct post *post, const char *kind, struct str id)
{
    post_address(post, kind, id);
    buf_clear(&post->body);
    jw_open(&post->body, '{');
    jw_member(&post->body, "room", buf_view(&post->room));
}

static void post_send(struct post *post, struct hint hint, const char *name)
{
    jw_close(&post->body, '}');
    hint.room = buf_view(&post->room);
    hint.name = str_from(name);
    hint.body = buf_view(&post->body);
    bus_send(post->bus, &hint);
}

static void durable(struct post *post, const struct event *event, const struct publish_session *s)
{
    int64_t now = clock_mono_ns();
    post_begin(post, "session", s->session_id);
    jw_member_i64(&post->body, "seq", s->session_seq);
    jw_member_raw(&post->body, "session", s->session);
    uint32_t flags = event->ends_session ? HINT_ENDS_ROOM : 0;
    post_send(post, (struct hint){.seq = s->session_seq, .stamp = now, .flags = flags}, event->name);
    if (!s->stream_id.p)
        return;
    // The same members in the same order as the SQL function stream_event_json, which prints it when it is replayed.
    post_begin(post, "stream", s->stream_id);
    jw_member_i64(&post->body, "seq", s->stream_seq);
    jw_member(&post->body, "type", str_from(event->name));
    jw_key(&post->body, "createdAt");
    buf_char(&post->body, '"');
    clock_print(&post->body, s->at);
    buf_char(&post->body, '"');
    jw_member_raw(&post->body, "actor", s->actor);
    jw_member_raw(&post->body, "session", s->session);
    post_send(post, (struct hint){.seq = s->stream_seq, .stamp = now}, event->name);
}

static void agent_activity(struct post *post, const struct publish_session *s)
{
    if (!s->parent_message_id.p)
        return;
    const struct str rooms[] = {s->parent_stream_id, s->stream_id};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        post_begin(post, "stream", rooms[i]);
        jw_member(&post->body, "messageId", s->parent_message_id);
        jw_member(&post->body, "updateType", STR("agent_activity"));
        jw_member_raw(&post->body, "session", s->session);
        post_send(post, (struct hint){0}, "message:updated");
    }
}

static void to_user(struct post *post, struct str workspace, struct str user_id, const char *name, struct str members)
{
    buf_clear(&post->body);
    buf_lit(&post->body, "{\"room\":\"user:me\"");
    if (members.n)
        jw_raw(&post->body, members);
    post_address(post, "user", user_id);
    buf_char(&post->room, '.');
    buf_str(&post->room, workspace);
    post_send(post, (struct hint){0}, name);
}

// The people of a workspace and the programs hear it in rooms of their own; both call theirs by the workspace's name.
#define PEOPLE STR_NONE
#define PROGRAMS STR(".programs")

static void to_workspace(struct post *post, struct str workspace, struct str side, const char *name, struct str members)
{
    post_begin(post, "workspace", workspace);
    buf_str(&post->room, side);
    jw_raw(&post->body, members);
    post_send(post, (struct hint){0}, name);
}

// To everyone who follows the root: in the workspace's rooms if it is public, else in the rooms of its people.
static void to_followers(struct post *post, struct str workspace, struct str followers, const char *name,
                         struct str members)
{
    if (!followers.p) {
        to_workspace(post, workspace, PEOPLE, name, members);
        to_workspace(post, workspace, PROGRAMS, name, members);
    }
    while (followers.n)
        to_user(post, workspace, str_cut(&followers, ','), name, members);
}

static void stream_activity(struct post *post, const struct publish_stream *stream)
{
    struct buf members = {0};
    jw_member(&members, "streamId", stream->stream_id);
    jw_member_i64(&members, "lastSeq", stream->last_seq);
    jw_member_i64(&members, "running", stream->running);
    to_followers(post, stream->workspace_id, stream->followers, "stream:activity", buf_view(&members));
    buf_fini(&members);
}

void publish_session_event(struct bus *bus, enum publish_event kind, const struct publish_session *s)
{
    const struct event *event = &events[kind];
    struct post post = {.bus = bus};
    durable(&post, event, s);
    agent_activity(&post, s);
    if (event->tells_persona) {
        post_begin(&post, "persona", s->persona_id);
        jw_member_raw(&post.body, "session", s->session);
        post_send(&post, (struct hint){0}, event->name);
    }
    struct buf members = {0};
    jw_member_raw(&members, "session", s->session);
    // Without a stream all people may read it, and of the programs only its own, which has its room.
    if (s->stream_id.p)
        to_followers(&post, s->workspace_id, s->followers, "session:changed", buf_view(&members));
    else
        to_workspace(&post, s->workspace_id, PEOPLE, "session:changed", buf_view(&members));
    buf_fini(&members);
    if (s->root_id.p)
        stream_activity(&post, &(struct publish_stream){.workspace_id = s->workspace_id,
                                                        .followers = s->followers,
                                                        .stream_id = s->root_id,
                                                        .last_seq = s->root_last_seq,
                                                        .running = s->others_active + !event->ends_session});
    post_fini(&post);
}

void publish_session_progress(struct bus *bus, const struct publish_session *s)
{
    if (!s->stream_id.p)
        return;
    struct post post = {.bus = bus};
    post_begin(&post, "stream", s->stream_id);
    jw_member_raw(&post.body, "session", s->session);
    post_send(&post, (struct hint){0}, "agent_session:progress");
    agent_activity(&post, s);
    post_fini(&post);
}

void publish_stream_activity(struct bus *bus, const struct publish_stream *stream)
{
    struct post post = {.bus = bus};
    stream_activity(&post, stream);
    post_fini(&post);
}

void publish_to_user(struct bus *bus, struct str workspace_id, struct str user_id, const char *name, struct str members)
{
    struct post post = {.bus = bus};
    to_user(&post, workspace_id, user_id, name, members);
    post_fini(&post);
}
