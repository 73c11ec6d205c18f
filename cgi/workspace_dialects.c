// SPDX-License-Identifier: Apache-2.0
// The doors for clients of other people's protocols: a session as a UI message stream of the AI SDK or as a run of the
// Agent User Interaction Protocol. They authorise as the door for our own events does (cgi/workspace_door.c), and a
// pusher prints the session in the dialect, from its first event on. These clients know statuses, so that what fails
// is a problem.
#include "cgi/workspace_routes.h"

#include "cgi/body.h"
#include "cgi/mentions.h"
#include "cgi/problem.h"
#include "cgi/pusher.h"
#include "cgi/reply.h"
#include "base/config.h"
#include "store/message.h"
#include "store/notify.h"
#include "wire/room_name.h"

enum { CONTENT_MAX = 1 << 20, CLIENT_ID_MAX = 200 };

// The status: 200, or a problem's.
static int hand_over(struct request *r, struct str session, enum dialect dialect, const struct store_answer *answer,
                     const struct store_room_found *found)
{
    struct store_room_pass pass;
    struct buf name = {0};
    store_room_pass_read(answer, &pass);
    room_name_print(&name, &(struct room_name){ROOM_SESSION, session, STR_NONE});
    struct subscription subscription = {.rooms_n = 1, .dialect = dialect};
    pusher_pass(&subscription, r, &pass);
    subscription.rooms[0] = (struct subscription_room){.name = buf_view(&name), .head = found->head};
    int status = pusher_redirect(r, &subscription);
    buf_fini(&name);
    return status;
}

static int follow(struct request *r, struct str session, enum dialect dialect)
{
    struct buf ids = {0};
    struct store_room_found found = {0};
    struct caller caller = caller_of(r);
    buf_char(&ids, '{');
    buf_str(&ids, session);
    buf_char(&ids, '}');
    struct store_answer answer = store_room_door(r->worker->pg, &caller, "{session}", buf_cstr(&ids),
                                                 request_keep_i64(r, config_number(CONFIG_END_DELAY)));
    buf_fini(&ids);
    int status = reply_failure(r, &answer);
    if (!status) {
        store_room_found_read(&answer, 0, &found);
        // A client of the AI SDK that comes back wants what is still being written.
        bool is_over = dialect == DIALECT_AI_SDK && found.is_final;
        status = !found.is_allowed ? problem_not_found(r) : is_over ? 204 : 200;
    }
    // nginx would answer a HEAD with the pusher's whole stream.
    if (status == 200 && r->method != METHOD_HEAD)
        status = hand_over(r, session, dialect, &answer, &found);
    if (status == 200)
        pusher_stream_headers(r);
    store_answer_fini(&answer);
    return status;
}

static int resume(struct request *r)
{
    return follow(r, r->id[1], DIALECT_AI_SDK);
}

static int run(struct request *r)
{
    return follow(r, r->id[1], DIALECT_AG_UI);
}

// The text of a message: a string, or a list whose parts of the type "text" have it.
static void read_text(struct buf *text, const json_t *content)
{
    size_t i;
    json_t *part;
    if (json_is_string(content))
        buf_bytes(text, json_string_value(content), json_string_length(content));
    json_array_foreach(content, i, part)
    {
        const json_t *type = json_object_get(part, "type"), *said = json_object_get(part, "text");
        if (json_is_string(type) && json_is_string(said) && strcmp(json_string_value(type), "text") == 0)
            buf_bytes(text, json_string_value(said), json_string_length(said));
    }
}

static json_t *last_message(const json_t *body)
{
    json_t *messages = json_object_get(body, "messages");
    for (size_t i = json_array_size(messages); i-- > 0;) {
        json_t *message = json_array_get(messages, i), *role = json_object_get(message, "role");
        if (json_is_string(role) && strcmp(json_string_value(role), "user") == 0)
            return message;
    }
    return NULL;
}

static int read_message(struct request *r, struct message_draft *draft)
{
    struct buf text = {0}, slugs = {0};
    json_t *message = last_message(r->body), *id = json_object_get(message, "id");
    int status = 0;
    read_text(&text, json_object_get(message, "content"));
    struct str said = buf_view(&text);
    while (said.n && strchr(" \t\r\n", said.p[0]))
        said = str_skip(said, 1);
    if (said.n == 0)
        status = problem_body(r, "messages", "must have a message of the user with a text");
    else if (text.n > CONTENT_MAX)
        status = problem_body(r, "messages", "has a message of more than 1 MiB");
    else if (id && (!json_is_string(id) || json_string_length(id) == 0 || json_string_length(id) > CLIENT_ID_MAX))
        status = problem_body(r, "messages", "has a message whose id is no text of 1 to 200 bytes");
    if (!status) {
        mentions_print(&slugs, buf_view(&text));
        draft->content = request_keep(r, buf_view(&text));
        draft->slugs = request_keep(r, buf_view(&slugs));
        draft->client_id = id ? request_keep(r, (struct str){json_string_value(id), json_string_length(id)}) : NULL;
    }
    buf_fini(&text);
    buf_fini(&slugs);
    return status;
}

// The message's id is the client's, so that the same request again follows the same session.
static int start(struct request *r)
{
    struct message_draft draft = {.stream = request_keep(r, r->id[1])};
    struct caller caller = caller_of(r);
    int status = read_message(r, &draft);
    if (status)
        return status;
    struct store_answer answer = store_message_start_run(r->worker->pg, &caller, &draft);
    status = reply_failure(r, &answer);
    if (!status) {
        notify_rows(r->worker->bus, r->id[0], &answer);
        struct str session = store_answer_body(&answer);
        status = session.p ? follow(r, session, DIALECT_AG_UI)
                           : problem(r, 409, "nobody_called", "The message was posted, and nobody answers it.");
    }
    store_answer_fini(&answer);
    return status;
}

const struct route dialect_routes[] = {
    {METHOD_GET, "/api/workspaces/{ws}/agent-sessions/{ses}/stream", AUTH_KNOWN, BODY_NONE, resume},
    {METHOD_POST, "/api/workspaces/{ws}/agent-sessions/{ses}/ag-ui", AUTH_KNOWN, BODY_JSON, run},
    {METHOD_POST, "/api/workspaces/{ws}/streams/{str}/ag-ui", AUTH_PERSON, BODY_JSON, start},
    {0},
};
