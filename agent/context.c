// SPDX-License-Identifier: Apache-2.0
#include "agent/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "agent/prompt.h"
#include "agent/record.h"
#include "agent/percent.h"
#include "base/buf.h"
#include "agent/member.h"

#define MESSAGES_MAX 30 // of the conversation
#define AROUND_MAX 8    // of the channel, before a thread's root

static json_t *get_stream_events(struct run *run, const char *stream_id, const char *query)
{
    struct buf path = {0};
    json_t *reply = NULL;
    buf_lit(&path, "streams/");
    percent_add(&path, stream_id);
    buf_str(&path, str_from(query));
    (void)!rest_get(&run->rest, buf_cstr(&path), &reply);
    buf_fini(&path);
    return reply;
}

// Returns the messages of the channel up to a thread's root, in order: an array, perhaps empty.
static json_t *before_thread(struct run *run, const char *parent_id, const char *root_id)
{
    struct buf query = {0};
    json_t *list = json_array();
    buf_lit(&query, "/events?limit=40&around=");
    percent_add(&query, root_id);
    json_t *reply = get_stream_events(run, parent_id, buf_cstr(&query));
    json_t *event;
    size_t i;
    json_array_foreach(json_object_get(reply, "events"), i, event)
    {
        json_t *message = json_object_get(event, "message");
        bool is_root = strcmp(member_text(message, "id"), root_id) == 0;
        if (strcmp(member_text(event, "type"), "message:created") != 0 ||
            json_is_true(json_object_get(message, "deleted")))
            continue;
        json_array_append(list, message);
        if (is_root)
            break;
    }
    while (json_array_size(list) > AROUND_MAX + 1)
        json_array_remove(list, 0);
    json_decref(reply);
    buf_fini(&query);
    return list;
}

static bool contains(const json_t *messages, const char *id)
{
    size_t i;
    json_t *message;
    json_array_foreach(messages, i, message)
    {
        if (strcmp(member_text(message, "id"), id) == 0)
            return true;
    }
    return false;
}

static json_t *get_message(struct run *run, const char *id)
{
    struct buf path = {0};
    json_t *reply = NULL, *message = NULL;
    buf_lit(&path, "messages/");
    percent_add(&path, id);
    if (rest_get(&run->rest, buf_cstr(&path), &reply) == REST_OK)
        message = json_incref(json_object_get(reply, "message"));
    buf_fini(&path);
    json_decref(reply);
    return message;
}

// Lists and events show only the beginning of a long message; the model gets it whole, or else as far as it is there.
static void give(struct run *run, const json_t *message, const char *change, json_t *entries)
{
    json_t *whole = json_is_true(json_object_get(message, "truncated")) && strcmp(change ? change : "", "deleted") != 0
                        ? get_message(run, member_text(message, "id"))
                        : NULL;
    if (whole)
        message = whole;
    json_array_append_new(run->messages, prompt_message(message, run->settings->persona, change));
    json_array_append_new(entries, prompt_context_entry(message, run->trigger_id, change));
    json_decref(whole);
}

// Gives the model what led to the conversation: for a thread, its root and the messages before that.
static void give_prelude(struct run *run, const json_t *stream, json_t *entries)
{
    const char *root_id = member_text(stream, "parentMessageId");
    if (*root_id == '\0')
        return;
    json_t *list = before_thread(run, member_text(stream, "parentStreamId"), root_id);
    json_t *message;
    if (!contains(list, root_id) && (message = get_message(run, root_id)))
        json_array_append_new(list, message);
    size_t i;
    json_array_foreach(list, i, message)
    {
        // The root opens the conversation; those before it only explain it.
        if (i > 0 && i + 1 == json_array_size(list))
            json_array_append_new(run->messages, prompt_note(prompt_earlier_messages));
        give(run, message, NULL, entries);
    }
    json_decref(list);
}

static void give_conversation(struct run *run, json_t *entries)
{
    json_t *list = conversation_messages(run->conversation);
    size_t n = json_array_size(list), from = n > MESSAGES_MAX ? n - MESSAGES_MAX : 0;
    json_t *message;
    size_t i;
    json_array_foreach(list, i, message)
    {
        if (i >= from)
            give(run, message, NULL, entries);
    }
    json_decref(list);
}

// The trigger must be there even if it is older than the messages that were loaded: the run is about it.
static void give_trigger(struct run *run, json_t *entries)
{
    size_t i;
    json_t *entry;
    json_array_foreach(entries, i, entry)
    {
        if (strcmp(member_text(entry, "messageId"), run->trigger_id) == 0)
            return;
    }
    json_t *message = *run->trigger_id != '\0' ? get_message(run, run->trigger_id) : NULL;
    if (message)
        give(run, message, NULL, entries);
    json_decref(message);
}

static void take_stream_event(void *arg, const char *name, const json_t *data)
{
    struct run *run = arg;
    const json_t *session = json_object_get(data, "session");
    // An ending is heard here, too, whether the sweeper or a person caused it.
    if (strcmp(name, "agent_session:failed") == 0 || strcmp(name, "agent_session:cancelled") == 0) {
        if (strcmp(member_text(session, "id"), trace_session_id(run->session)) == 0) {
            trace_session_note_ended(run->session, member_text(session, "status"));
            http_abort(run->http);
        }
    }
    if (json_object_get(data, "seq"))
        conversation_take_event(run->conversation, data);
}

// Subscribes from the bootstrap's number on. Events from the time in between are replayed, so there is no gap.
static void subscribe(struct run *run)
{
    struct buf url = {0}, last = {0};
    rest_events_url(&run->rest, "stream", run->stream_id, &url);
    buf_printf(&last, "%lld", (long long)conversation_seq(run->conversation));
    run->listen = listen_new(run->http, &(struct listen_config){.url = buf_cstr(&url),
                                                                .token = run->settings->token,
                                                                .last_id = buf_cstr(&last),
                                                                .on_event = take_stream_event,
                                                                .arg = run});
    buf_fini(&url);
    buf_fini(&last);
}

int context_open(struct run *run)
{
    struct trace_step *step = record_start(run->session, NULL, "context_received", NULL);
    json_t *entries = json_array(), *content = json_pack("{s:O}", "messages", entries);
    json_t *bootstrap = get_stream_events(run, run->stream_id, "/bootstrap");
    struct record_outcome outcome = {.content = content};
    int result = -1;
    if (!bootstrap) {
        if (!run_is_stopped(run))
            (void)run_fail(run, "context_error", "The conversation could not be read.");
        run_explain(run, &outcome);
        goto out;
    }
    conversation_load(run->conversation, bootstrap);
    subscribe(run);
    json_array_append_new(run->messages, prompt_system(run->about, run->settings->instructions));
    give_prelude(run, json_object_get(bootstrap, "stream"), entries);
    give_conversation(run, entries);
    give_trigger(run, entries);
    run->seen_seq = conversation_seq(run->conversation);
    result = 0;
out:
    record_end(step, &outcome);
    json_decref(bootstrap);
    json_decref(content);
    json_decref(entries);
    return result;
}

void context_catch_up(struct run *run)
{
    struct buf query = {0};
    json_t *reply;
    json_t *event;
    json_t *events;
    size_t i;
    size_t n;
    do {
        buf_clear(&query);
        buf_printf(&query, "/events?limit=500&after=%lld", (long long)conversation_seq(run->conversation));
        reply = get_stream_events(run, run->stream_id, buf_cstr(&query));
        events = json_object_get(reply, "events");
        n = json_array_size(events);
        json_array_foreach(events, i, event)
        {
            conversation_take_event(run->conversation, event);
        }
        json_decref(reply);
    } while (n == 500 && !run_is_stopped(run));
    buf_fini(&query);
}

json_t *context_inject(struct run *run, const char *note)
{
    bool by_people;
    json_t *changes = conversation_take_changes(run->conversation, &by_people), *entries = NULL;
    run->seen_seq = conversation_seq(run->conversation);
    json_t *change;
    json_t *content;
    size_t i;
    if (json_array_size(changes) > 0) {
        entries = json_array();
        if (note)
            json_array_append_new(run->messages, prompt_note(note));
        json_array_foreach(changes, i, change)
        {
            give(run, json_object_get(change, "message"), member_text(change, "change"), entries);
        }
        content = json_pack("{s:O}", "messages", entries);
        record_whole(run->session, NULL, "context_received", content);
        json_decref(content);
    }
    json_decref(changes);
    return entries;
}
