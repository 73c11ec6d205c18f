// SPDX-License-Identifier: Apache-2.0
// What the agent knows of its conversation, and what it notices.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "agent/conversation.h"
#include "base/buf.h"

struct happening {
    int seq;
    const char *type;
    const char *update; // updateType
    const char *id;
    const char *by; // an author's id: usr_… or per_…
    const char *content;
};

static json_t *event(const struct happening *h)
{
    return json_pack("{s:i, s:s, s:s*, s:{s:s, s:s, s:{s:s, s:s, s:s}}}", "seq", h->seq, "type", h->type, "updateType",
                     h->update, "message", "id", h->id, "content", h->content, "author", "type",
                     h->by[0] == 'u' ? "user" : "persona", "id", h->by, "name", h->by);
}

static void take(struct conversation *conversation, struct happening h)
{
    json_t *taken = event(&h);
    conversation_take_event(conversation, taken);
    json_decref(taken);
}

static void take_deletion(struct conversation *conversation, int seq, const char *id)
{
    json_t *taken = json_pack("{s:i, s:s, s:s}", "seq", seq, "type", "message:deleted", "messageId", id);
    conversation_take_event(conversation, taken);
    json_decref(taken);
}

// msg_a by a person and msg_b by the persona itself, up to number 10.
static struct conversation *loaded(void)
{
    struct conversation *conversation = conversation_new("per_1");
    const struct happening first = {8, "message:created", NULL, "msg_a", "usr_1", "first"},
                           second = {9, "message:created", NULL, "msg_b", "per_1", "mine"};
    json_t *bootstrap = json_pack("{s:i, s:[o, o, {s:i, s:s}]}", "lastSeq", 10, "events", event(&first), event(&second),
                                  "seq", 10, "type", "agent_session:started");
    conversation_load(conversation, bootstrap);
    json_decref(bootstrap);
    return conversation;
}

// Changes as "new msg_c, edited msg_a".
static void expect_changes(struct conversation *conversation, const char *expected, bool expect_people)
{
    bool by_people;
    struct buf found = {0};
    json_t *changes = conversation_take_changes(conversation, &by_people);
    json_t *change;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        buf_printf(&found, "%s%s %s", i > 0 ? ", " : "", json_string_value(json_object_get(change, "change")),
                   json_string_value(json_object_get(json_object_get(change, "message"), "id")));
    }
    assert_string_equal(buf_cstr(&found), expected);
    assert_int_equal(by_people, expect_people);
    json_decref(changes);
    buf_fini(&found);
}

static void what_was_loaded_is_no_news(void **state)
{
    struct conversation *conversation = loaded();
    json_t *messages = conversation_messages(conversation);
    (void)state;
    assert_int_equal(json_array_size(messages), 2);
    assert_int_equal(conversation_seq(conversation), 10);
    expect_changes(conversation, "", false);
    take(conversation, (struct happening){9, "message:created", NULL, "msg_x", "usr_1", "old"});
    expect_changes(conversation, "", false);
    json_decref(messages);
    conversation_free(conversation);
}

static void new_edited_deleted(void **state)
{
    struct conversation *conversation = loaded();
    (void)state;
    take(conversation, (struct happening){11, "message:created", NULL, "msg_c", "usr_2", "more"});
    take(conversation, (struct happening){12, "message:updated", "content", "msg_a", "usr_1", "other"});
    assert_true(conversation_has_news(conversation));
    expect_changes(conversation, "new msg_c, edited msg_a", true);
    assert_false(conversation_has_news(conversation));
    take_deletion(conversation, 13, "msg_a");
    expect_changes(conversation, "deleted msg_a", true);
    expect_changes(conversation, "", false);
    assert_int_equal(conversation_seq(conversation), 13);
    conversation_free(conversation);
}

static void changes_of_changes(void **state)
{
    struct conversation *conversation = loaded();
    (void)state;
    take(conversation, (struct happening){11, "message:created", NULL, "msg_c", "usr_2", "more"});
    take(conversation, (struct happening){12, "message:updated", "content", "msg_c", "usr_2", "more!"});
    take(conversation, (struct happening){13, "message:created", NULL, "msg_d", "usr_2", "oops"});
    take_deletion(conversation, 14, "msg_d");
    expect_changes(conversation, "new msg_c", true);
    conversation_free(conversation);
}

static void what_is_no_change(void **state)
{
    struct conversation *conversation = loaded();
    (void)state;
    take(conversation, (struct happening){11, "message:created", NULL, "msg_c", "per_1", "my own"});
    take(conversation, (struct happening){12, "message:updated", "reply_count", "msg_a", "usr_1", "first"});
    take(conversation, (struct happening){13, "message:updated", "reply_count", "msg_z", "usr_1", "long ago"});
    take_deletion(conversation, 14, "msg_z");
    expect_changes(conversation, "", false);
    assert_int_equal(conversation_seq(conversation), 14);
    take(conversation, (struct happening){15, "message:updated", "content", "msg_z", "usr_1", "rewritten long after"});
    expect_changes(conversation, "edited msg_z", true);
    take(conversation, (struct happening){16, "message:created", NULL, "msg_e", "per_2", "a colleague"});
    assert_false(conversation_has_news(conversation));
    expect_changes(conversation, "new msg_e", false);
    conversation_free(conversation);
}

static void hole_is_not_jumped(void **state)
{
    struct conversation *conversation = loaded();
    (void)state;
    take(conversation, (struct happening){12, "message:created", NULL, "msg_d", "usr_2", "later"});
    expect_changes(conversation, "", false);
    take(conversation, (struct happening){11, "message:created", NULL, "msg_c", "usr_2", "earlier"});
    take(conversation, (struct happening){12, "message:created", NULL, "msg_d", "usr_2", "later"});
    expect_changes(conversation, "new msg_c, new msg_d", true);
    conversation_free(conversation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_loaded_is_no_news), cmocka_unit_test(new_edited_deleted),
        cmocka_unit_test(changes_of_changes),         cmocka_unit_test(what_is_no_change),
        cmocka_unit_test(hole_is_not_jumped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
