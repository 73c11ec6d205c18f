// SPDX-License-Identifier: Apache-2.0
#include "agent/conversation.h"
#include "base/buf.h"
#include "agent/member.h"

#include <stdlib.h>
#include <string.h>

struct conversation {
    char *persona_id;
    json_t *messages; // by id, in the order they were first seen
    json_t *changes;  // by message id: {change, message}
    int64_t seq;
};

struct conversation *conversation_new(const char *persona_id)
{
    struct conversation *conversation = mem_zero(sizeof *conversation);
    conversation->persona_id = mem_dup(str_from(persona_id));
    conversation->messages = json_object();
    conversation->changes = json_object();
    return conversation;
}

void conversation_free(struct conversation *conversation)
{
    if (!conversation)
        return;
    free(conversation->persona_id);
    json_decref(conversation->messages);
    json_decref(conversation->changes);
    free(conversation);
}

static bool is_deleted(const json_t *message)
{
    return json_is_true(json_object_get(message, "deleted"));
}

static bool is_own(const struct conversation *conversation, const json_t *message)
{
    return strcmp(member_text(json_object_get(message, "author"), "id"), conversation->persona_id) == 0;
}

static bool is_by_person(const json_t *message)
{
    return strcmp(member_text(json_object_get(message, "author"), "type"), "user") == 0;
}

void conversation_load(struct conversation *conversation, const json_t *bootstrap)
{
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(bootstrap, "events"), i, event)
    {
        json_t *message = json_object_get(event, "message");
        const char *id = member_text(message, "id");
        if (*id != '\0' && !is_deleted(message))
            json_object_set(conversation->messages, id, message);
    }
    conversation->seq = json_integer_value(json_object_get(bootstrap, "lastSeq"));
}

static void note_change(struct conversation *conversation, const char *change, json_t *message)
{
    const char *id = member_text(message, "id");
    json_t *known = json_object_get(conversation->changes, id);
    if (is_own(conversation, message))
        return;
    // A message that is new and then edited is still new; one that is new and then deleted never existed.
    if (known && strcmp(member_text(known, "change"), "new") == 0) {
        if (strcmp(change, "deleted") == 0) {
            json_object_del(conversation->changes, id);
            return;
        }
        change = "new";
    }
    json_object_set_new(conversation->changes, id, json_pack("{s:s, s:O}", "change", change, "message", message));
}

// An update that is not an edit (a count of replies) changes nothing for a reader. An unknown message that it names is
// old.
static void take_message(struct conversation *conversation, const json_t *event)
{
    json_t *message = json_object_get(event, "message");
    const char *id = member_text(message, "id");
    json_t *known = json_object_get(conversation->messages, id);
    bool is_created = strcmp(member_text(event, "type"), "message:created") == 0;
    bool is_edit = strcmp(member_text(event, "updateType"), "content") == 0;
    if (known)
        is_edit = (is_edit && json_is_true(json_object_get(message, "truncated"))) ||
                  strcmp(member_text(known, "content"), member_text(message, "content")) != 0;
    if (*id == '\0' || (!known && !is_created && !is_edit))
        return;
    json_object_set(conversation->messages, id, message);
    if (!known && is_created)
        note_change(conversation, "new", message);
    else if (is_edit)
        note_change(conversation, "edited", message);
}

static void take_deletion(struct conversation *conversation, const json_t *event)
{
    const char *id = member_text(event, "messageId");
    if (*id == '\0')
        id = member_text(json_object_get(event, "message"), "id");
    json_t *known = json_object_get(conversation->messages, id);
    if (!known)
        return;
    json_incref(known);
    json_object_del(conversation->messages, id);
    note_change(conversation, "deleted", known);
    json_decref(known);
}

void conversation_take_event(struct conversation *conversation, const json_t *event)
{
    int64_t seq = json_integer_value(json_object_get(event, "seq"));
    const char *type = member_text(event, "type");
    json_t *message = json_object_get(event, "message");
    if (seq != conversation->seq + 1)
        return;
    conversation->seq = seq;
    // Events carry a message as it is now: the event of its creation says if it has been deleted since.
    if (strcmp(type, "message:deleted") == 0 || is_deleted(message))
        take_deletion(conversation, event);
    else if (message)
        take_message(conversation, event);
}

json_t *conversation_messages(const struct conversation *conversation)
{
    json_t *list = json_array();
    json_t *message;
    const char *id;
    json_object_foreach(conversation->messages, id, message)
    {
        json_array_append(list, message);
    }
    return list;
}

bool conversation_has_news(const struct conversation *conversation)
{
    json_t *change;
    const char *id;
    json_object_foreach(conversation->changes, id, change)
    {
        if (is_by_person(json_object_get(change, "message")))
            return true;
    }
    return false;
}

json_t *conversation_take_changes(struct conversation *conversation, bool *by_people)
{
    json_t *list = json_array();
    *by_people = conversation_has_news(conversation);
    json_t *change;
    const char *id;
    json_object_foreach(conversation->changes, id, change)
    {
        json_array_append(list, change);
    }
    json_object_clear(conversation->changes);
    return list;
}

int64_t conversation_seq(const struct conversation *conversation)
{
    return conversation->seq;
}
