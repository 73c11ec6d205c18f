// SPDX-License-Identifier: Apache-2.0
#include "store/notify.h"

#include "base/clock.h"
#include "base/jw.h"
#include "wire/hint.h"

static const struct published {
    enum event event;
    bool tells_persona;
} events[NOTIFY__MAX] = {
    [NOTIFY_REQUESTED] = {EVENT_SESSION_REQUESTED, true},  [NOTIFY_STARTED] = {EVENT_SESSION_STARTED, false},
    [NOTIFY_COMPLETED] = {EVENT_SESSION_COMPLETED, false}, [NOTIFY_FAILED] = {EVENT_SESSION_FAILED, false},
    [NOTIFY_CANCELLED] = {EVENT_SESSION_CANCELLED, true},  [NOTIFY_REOPENED] = {EVENT_SESSION_UPDATED, false},
    [NOTIFY_UPDATED] = {EVENT_SESSION_UPDATED, false},
};

// One event on its way: the name of the room and the body are built here, sent, and built anew for the next event.
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

static void post_address(struct post *post, enum room_kind kind, struct str id, struct str side)
{
    buf_clear(&post->room);
    room_name_print(&post->room, &(struct room_name){kind, id, side});
}

// Begins the body of an event of that room; the caller appends members and sends.
static void post_begin(struct post *post, enum room_kind kind, struct str id, struct str side)
{
    post_address(post, kind, id, side);
    buf_clear(&post->body);
    jw_open(&post->body, '{');
    jw_member(&post->body, "room", room_name_public(buf_view(&post->room)));
}

static void post_send(struct post *post, struct hint hint, enum event event)
{
    jw_close(&post->body, '}');
    hint.room = buf_view(&post->room);
    hint.name = str_from(event_name(event));
    hint.body = buf_view(&post->body);
    bus_send(post->bus, &hint);
}

void notify_session_print(struct buf *out, struct str session, struct str metadata)
{
    buf_bytes(out, session.p, session.n - 1);
    jw_member_raw(out, "metadata", metadata);
    jw_close(out, '}');
}

static void durable(struct post *post, enum event event, const struct notify_session *s, uint32_t more_flags)
{
    int64_t now = clock_mono_ns();
    post_begin(post, ROOM_SESSION, s->session_id, STR_NONE);
    jw_member_i64(&post->body, "seq", s->session_seq);
    jw_key(&post->body, "session");
    notify_session_print(&post->body, s->session, event == EVENT_SESSION_UPDATED ? s->metadata : STR_NONE);
    uint32_t flags = event_flags(event, ROOM_SESSION) | more_flags;
    post_send(post, (struct hint){.seq = s->session_seq, .stamp_ns = now, .flags = flags}, event);
    if (!s->stream_id.p)
        return;
    // The same members in the same order as the SQL function stream_event_json, which prints it when it is replayed.
    post_begin(post, ROOM_STREAM, s->stream_id, STR_NONE);
    jw_member_i64(&post->body, "seq", s->stream_seq);
    jw_member(&post->body, "type", str_from(event_name(event)));
    jw_key(&post->body, "createdAt");
    buf_char(&post->body, '"');
    clock_print(&post->body, s->at_us);
    buf_char(&post->body, '"');
    jw_member_raw(&post->body, "actor", s->actor);
    jw_member_raw(&post->body, "session", s->session);
    post_send(post, (struct hint){.seq = s->stream_seq, .stamp_ns = now}, event);
}

static void agent_activity(struct post *post, const struct notify_session *s)
{
    if (!s->parent_message_id.p)
        return;
    const struct str rooms[] = {s->parent_stream_id, s->stream_id};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        post_begin(post, ROOM_STREAM, rooms[i], STR_NONE);
        jw_member(&post->body, "messageId", s->parent_message_id);
        jw_member(&post->body, "updateType", STR("agent_activity"));
        jw_member_raw(&post->body, "session", s->session);
        post_send(post, (struct hint){0}, EVENT_MESSAGE_UPDATED);
    }
}

static void to_user(struct post *post, struct str workspace, struct str user_id, enum event event, struct str members)
{
    post_begin(post, ROOM_USER, user_id, workspace);
    if (members.n)
        jw_raw(&post->body, members);
    post_send(post, (struct hint){0}, event);
}

// The people of a workspace and its programs listen in rooms of their own; both know theirs by the workspace's name.
#define PEOPLE STR_NONE
#define PROGRAMS ROOM_NAME_PROGRAMS

static void to_workspace(struct post *post, struct str workspace, struct str side, enum event event, struct str members)
{
    post_begin(post, ROOM_WORKSPACE, workspace, side);
    jw_raw(&post->body, members);
    post_send(post, (struct hint){0}, event);
}

// To everyone who follows the root: in the workspace's rooms if it is public, otherwise in the rooms of its members.
static void to_followers(struct post *post, struct str workspace, struct str followers, enum event event,
                         struct str members)
{
    if (!followers.p) {
        to_workspace(post, workspace, PEOPLE, event, members);
        to_workspace(post, workspace, PROGRAMS, event, members);
    }
    while (followers.n)
        to_user(post, workspace, str_cut(&followers, ','), event, members);
}

static void stream_activity(struct post *post, const struct notify_stream *stream)
{
    struct buf members = {0};
    jw_member(&members, "streamId", stream->stream_id);
    jw_member_i64(&members, "lastSeq", stream->last_seq);
    jw_member_i64(&members, "running", stream->running);
    to_followers(post, stream->workspace_id, stream->followers, EVENT_STREAM_ACTIVITY, buf_view(&members));
    buf_fini(&members);
}

static void session_changed(struct post *post, const struct notify_session *s)
{
    struct buf members = {0};
    jw_member_raw(&members, "session", s->session);
    // A session without a stream may be read by all people, and by no program but its own, which has a room for it.
    if (s->stream_id.p)
        to_followers(post, s->workspace_id, s->followers, EVENT_SESSION_CHANGED, buf_view(&members));
    else
        to_workspace(post, s->workspace_id, PEOPLE, EVENT_SESSION_CHANGED, buf_view(&members));
    buf_fini(&members);
}

void notify_session_event(struct bus *bus, enum notify_event kind, const struct notify_session *s)
{
    enum event event = events[kind].event;
    struct post post = {.bus = bus};
    durable(&post, event, s, kind == NOTIFY_REOPENED ? HINT_REOPENS_ROOM : 0);
    agent_activity(&post, s);
    if (events[kind].tells_persona) {
        post_begin(&post, ROOM_PERSONA, s->persona_id, STR_NONE);
        jw_member_raw(&post.body, "session", s->session);
        post_send(&post, (struct hint){0}, event);
    }
    session_changed(&post, s);
    if (s->root_id.p && kind != NOTIFY_UPDATED)
        stream_activity(&post, &(struct notify_stream){.workspace_id = s->workspace_id,
                                                       .followers = s->followers,
                                                       .stream_id = s->root_id,
                                                       .last_seq = s->root_last_seq,
                                                       .running = s->others_active + !event_ends_session(event)});
    post_fini(&post);
}

void notify_session_pruned(struct bus *bus, const struct notify_session *s)
{
    struct post post = {.bus = bus};
    struct notify_session alone = *s;
    alone.stream_id = STR_NONE;
    durable(&post, EVENT_SESSION_UPDATED, &alone, HINT_FORGETS);
    session_changed(&post, s);
    post_fini(&post);
}

void notify_session_changed(struct bus *bus, const struct notify_session *s)
{
    struct post post = {.bus = bus};
    session_changed(&post, s);
    post_fini(&post);
}

void notify_session_progress(struct bus *bus, const struct notify_session *s)
{
    if (!s->stream_id.p)
        return;
    struct post post = {.bus = bus};
    post_begin(&post, ROOM_STREAM, s->stream_id, STR_NONE);
    jw_member_raw(&post.body, "session", s->session);
    post_send(&post, (struct hint){0}, EVENT_SESSION_PROGRESS);
    agent_activity(&post, s);
    post_fini(&post);
}

void notify_stream_activity(struct bus *bus, const struct notify_stream *stream)
{
    struct post post = {.bus = bus};
    stream_activity(&post, stream);
    post_fini(&post);
}

void notify_to_user(struct bus *bus, struct str workspace_id, struct str user_id, enum event event, struct str members)
{
    struct post post = {.bus = bus};
    to_user(&post, workspace_id, user_id, event, members);
    post_fini(&post);
}

void notify_step(struct bus *bus, const struct step_row *step, int64_t seq)
{
    struct post post = {.bus = bus};
    enum event event = step_json_event_kind(step, seq);
    post_address(&post, ROOM_SESSION, step->session_id, STR_NONE);
    step_json_event(&post.body, step, seq);
    bus_send(bus, &(struct hint){
                      .flags = event_flags(event, ROOM_SESSION),
                      .seq = seq,
                      .start_seq = step->start_seq,
                      .stamp_ns = clock_mono_ns(),
                      .room = buf_view(&post.room),
                      .name = str_from(event_name(event)),
                      .step = step->id,
                      .body = buf_view(&post.body),
                  });
    post_fini(&post);
}

void notify_decision(struct bus *bus, struct str persona_id, const struct step_row *step)
{
    struct post post = {.bus = bus};
    post_begin(&post, ROOM_PERSONA, persona_id, STR_NONE);
    jw_member(&post.body, "sessionId", step->session_id);
    jw_key(&post.body, "step");
    step_json(&post.body, step, false, STEP_BRIEF);
    post_send(&post, (struct hint){0}, EVENT_STEP_COMPLETED);
    post_fini(&post);
}

void notify_last_step(struct bus *bus, struct str session_id, int64_t seq)
{
    struct post post = {.bus = bus};
    post_address(&post, ROOM_SESSION, session_id, STR_NONE);
    bus_send(bus, &(struct hint){
                      .seq = seq,
                      .stamp_ns = clock_mono_ns(),
                      .room = buf_view(&post.room),
                      .name = str_from(event_name(EVENT_STEP_COMPLETED)),
                  });
    post_fini(&post);
}
