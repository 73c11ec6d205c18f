#include "agent/context.h"

#include <stdlib.h>
#include <string.h>

#include "agent/log.h"
#include "agent/prompt.h"
#include "agent/record.h"

#define MESSAGES_MAX 30 /* of the conversation */
#define AROUND_MAX 8    /* of the channel, before a thread's root */

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

static void give(struct run *run, const json_t *message, const char *change, json_t *entries)
{
    json_array_append_new(run->messages, prompt_message(message, run->config->persona, change));
    json_array_append_new(entries, prompt_context_entry(message, run->trigger_id, change));
}

static json_t *get_stream_events(struct run *run, const char *stream_id, const char *query)
{
    struct text path = {0};
    json_t *reply = NULL;

    text_adds(&path, "streams/");
    text_add_encoded(&path, stream_id);
    text_adds(&path, query);
    (void)!rest_get(&run->rest, path.p, &reply);
    text_fini(&path);
    return reply;
}

/* The messages of the channel up to a thread's root, in order: an array, perhaps empty. */
static json_t *before_thread(struct run *run, const char *parent_id, const char *root_id)
{
    struct text query = {0};
    json_t *list = json_array(), *reply, *event;
    size_t i;

    text_adds(&query, "/events?limit=40&around=");
    text_add_encoded(&query, root_id);
    reply = get_stream_events(run, parent_id, query.p);
    json_array_foreach(json_object_get(reply, "events"), i, event)
    {
        json_t *message = json_object_get(event, "message");
        bool is_root = strcmp(string_of(message, "id"), root_id) == 0;

        if (strcmp(string_of(event, "type"), "message:created") != 0 ||
            json_is_true(json_object_get(message, "deleted")))
            continue;
        json_array_append(list, message);
        if (is_root)
            break;
    }
    while (json_array_size(list) > AROUND_MAX + 1)
        json_array_remove(list, 0);
    json_decref(reply);
    text_fini(&query);
    return list;
}

static bool contains(const json_t *messages, const char *id)
{
    size_t i;
    json_t *message;

    json_array_foreach(messages, i, message)
    {
        if (strcmp(string_of(message, "id"), id) == 0)
            return true;
    }
    return false;
}

static json_t *get_message(struct run *run, const char *id)
{
    struct text path = {0};
    json_t *reply = NULL, *message = NULL;

    text_adds(&path, "messages/");
    text_add_encoded(&path, id);
    if (rest_get(&run->rest, path.p, &reply) == REST_OK)
        message = json_incref(json_object_get(reply, "message"));
    text_fini(&path);
    json_decref(reply);
    return message;
}

/* What was said before the conversation itself: for a thread, its root and what led to it. */
static void give_prelude(struct run *run, const json_t *stream, json_t *entries)
{
    const char *root_id = string_of(stream, "parentMessageId");
    json_t *list, *message;
    size_t i;

    if (*root_id == '\0')
        return;
    list = before_thread(run, string_of(stream, "parentStreamId"), root_id);
    if (!contains(list, root_id) && (message = get_message(run, root_id)) != NULL)
        json_array_append_new(list, message);
    json_array_foreach(list, i, message)
    {
        /* The root opens the conversation; those before it only explain it. */
        if (i > 0 && i + 1 == json_array_size(list))
            json_array_append_new(run->messages, prompt_note(prompt_earlier_messages));
        give(run, message, NULL, entries);
    }
    json_decref(list);
}

static void give_conversation(struct run *run, json_t *entries)
{
    json_t *list = conversation_messages(run->conversation), *message;
    size_t i, n = json_array_size(list), from = n > MESSAGES_MAX ? n - MESSAGES_MAX : 0;

    json_array_foreach(list, i, message)
    {
        if (i >= from)
            give(run, message, NULL, entries);
    }
    json_decref(list);
}

/* The trigger is what it is all about: it must be there even if it is older than what was loaded. */
static void give_trigger(struct run *run, json_t *entries)
{
    size_t i;
    json_t *entry, *message;

    json_array_foreach(entries, i, entry)
    {
        if (strcmp(string_of(entry, "messageId"), run->trigger_id) == 0)
            return;
    }
    message = *run->trigger_id != '\0' ? get_message(run, run->trigger_id) : NULL;
    if (message != NULL)
        give(run, message, NULL, entries);
    json_decref(message);
}

static void take_stream_event(void *arg, const char *name, const json_t *data)
{
    struct run *run = arg;
    const json_t *session = json_object_get(data, "session");

    /* The sweeper's ending, or anybody's, is heard here too. */
    if (strcmp(name, "agent_session:failed") == 0 || strcmp(name, "agent_session:cancelled") == 0) {
        if (strcmp(string_of(session, "id"), trace_session_id(run->session)) == 0) {
            trace_session_note_ended(run->session, string_of(session, "status"));
            http_abort(run->http);
        }
    }
    if (json_object_get(data, "seq") != NULL)
        conversation_take_event(run->conversation, data);
}

/* From the bootstrap's number on: what came in between is replayed, so there is no gap. */
static void subscribe(struct run *run)
{
    struct text url = {0}, last = {0};

    rest_events_url(&run->rest, "stream", run->stream_id, &url);
    text_addf(&last, "%lld", (long long)conversation_seq(run->conversation));
    run->listen = listen_new(
        run->http,
        &(struct listen_config){
            .url = url.p, .token = run->config->token, .last_id = last.p, .on_event = take_stream_event, .arg = run});
    text_fini(&url);
    text_fini(&last);
}

int context_open(struct run *run)
{
    struct trace_step *step = record_start(run->session, NULL, "context_received", NULL);
    json_t *entries = json_array(), *content = json_pack("{s:O}", "messages", entries);
    json_t *bootstrap = get_stream_events(run, run->stream_id, "/bootstrap");
    struct record_outcome outcome = {.content = content};
    int result = -1;

    if (bootstrap == NULL) {
        if (!run_is_stopped(run))
            (void)run_fail(run, "context_error", "The conversation could not be read.");
        run_explain(run, &outcome);
        goto out;
    }
    conversation_load(run->conversation, bootstrap);
    subscribe(run);
    json_array_append_new(run->messages, prompt_system(run->about));
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
    struct text query = {0};
    json_t *reply, *event, *events;
    size_t i, n;

    do {
        text_clear(&query);
        text_addf(&query, "/events?limit=500&after=%lld", (long long)conversation_seq(run->conversation));
        reply = get_stream_events(run, run->stream_id, query.p);
        events = json_object_get(reply, "events");
        n = json_array_size(events);
        json_array_foreach(events, i, event)
        {
            conversation_take_event(run->conversation, event);
        }
        json_decref(reply);
    } while (n == 500 && !run_is_stopped(run));
    text_fini(&query);
}

json_t *context_inject(struct run *run, const char *note)
{
    bool by_people;
    json_t *changes = conversation_take_changes(run->conversation, &by_people), *change, *entries = NULL, *content;
    size_t i;

    run->seen_seq = conversation_seq(run->conversation);
    if (json_array_size(changes) > 0) {
        entries = json_array();
        if (note != NULL)
            json_array_append_new(run->messages, prompt_note(note));
        json_array_foreach(changes, i, change)
        {
            give(run, json_object_get(change, "message"), string_of(change, "change"), entries);
        }
        content = json_pack("{s:O}", "messages", entries);
        record_whole(run->session, NULL, "context_received", content);
        json_decref(content);
    }
    json_decref(changes);
    return entries;
}
