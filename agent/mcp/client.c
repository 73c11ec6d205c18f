// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/member.h"
#include "agent/mcp/link.h"
#include "agent/mcp/listing.h"
#include "agent/mcp/message.h"
#include "base/clock.h"
#include "base/log.h"

#define OFFERED_VERSION "2025-06-18"
#define OPEN_MS 30000 // for a program to start and a server to introduce itself
#define LIST_MS 15000 // for a page of its tools
#define PAGES_MAX 10
#define CALL_MAX_MS 600000 // however many signs of life it gives, unless its own time is longer
#define GARBAGE_MAX 100
#define REQUESTS_MAX 100 // of the server's, during one of ours

static const char *const versions[] = {"2025-11-25", OFFERED_VERSION, "2025-03-26", "2024-11-05"};

struct client {
    struct http *http;
    const struct server *server;
    struct link *link; // NULL: not begun, or broken
    int64_t last_id;
    bool has_changed;
    size_t garbage;

    // Of the request that is waited for.
    struct message answer; // `kind` is MESSAGE_GARBAGE until it has come
    int64_t heard_ms;
    size_t requests;
    struct buf replies; // to the server's requests, a line each
    void (*on_progress)(void *arg, const char *text);
    void *arg;
};

struct client *client_new(struct http *http, const struct server *server)
{
    struct client *client = mem_zero(sizeof *client);
    client->http = http;
    client->server = server;
    return client;
}

static void take_notification(struct client *client, const struct message *message)
{
    struct buf text = {0};
    if (strcmp(message->method, "notifications/tools/list_changed") == 0)
        client->has_changed = true;
    if (strcmp(message->method, "notifications/progress") == 0 &&
        outcome_progress(message->body, client->last_id, &text)) {
        client->heard_ms = clock_mono_ms();
        if (client->on_progress)
            client->on_progress(client->arg, buf_cstr(&text));
    }
    buf_fini(&text);
}

static void take_message(void *arg, struct str text)
{
    struct client *client = arg;
    struct message message;
    message_read(&message, text);
    switch (message.kind) {
    case MESSAGE_RESULT:
    case MESSAGE_ERROR:
        if (message.id == client->last_id && client->answer.kind == MESSAGE_GARBAGE) {
            client->answer = message;
            return;
        }
        break;
    case MESSAGE_REQUEST:
        if (client->requests++ < REQUESTS_MAX) {
            message_answer(&client->replies, &message);
            buf_char(&client->replies, '\n');
        }
        break;
    case MESSAGE_NOTIFICATION:
        take_notification(client, &message);
        break;
    case MESSAGE_GARBAGE:
        if (client->garbage++ == 0)
            log_warning("a tool server said something that is not of the protocol server=%s bytes=%zu",
                        client->server->name, text.n);
        break;
    }
    message_fini(&message);
}

static void answer_requests(struct client *client)
{
    struct buf replies = client->replies;
    struct str rest = buf_view(&replies);
    client->replies = (struct buf){0};
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (line.n > 0 && client->link)
            (void)link_send(client->link, line, false);
    }
    buf_fini(&replies);
}

// Tells the server that the request is given up, and ends the conversation: what it does now nobody waits for. Its
// introduction cannot be cancelled.
static void give_up(struct client *client, const char *reason)
{
    struct buf farewell = {0};
    if (client->link->version)
        message_print(&farewell, 0, "notifications/cancelled",
                      json_pack("{s:I, s:s}", "requestId", (json_int_t)client->last_id, "reason", reason));
    link_leave(client->link, buf_view(&farewell));
    client->link = NULL;
    buf_fini(&farewell);
}

static enum client_end fail(struct client *client, char sentence[CLIENT_SENTENCE_MAX], const char *reason)
{
    (void)snprintf(sentence, CLIENT_SENTENCE_MAX, "The tool server \"%s\" failed: %s.", client->server->name, reason);
    if (client->link)
        link_leave(client->link, STR(""));
    client->link = NULL;
    return CLIENT_FAILED;
}

// Sends a request and waits for its answer, which is then in client->answer. `take_params` is consumed.
static enum client_end ask(struct client *client, const char *method, json_t *take_params, int64_t silence_ms,
                           char sentence[CLIENT_SENTENCE_MAX])
{
    struct buf request = {0};
    int64_t now = clock_mono_ms(), most = silence_ms > CALL_MAX_MS ? silence_ms : CALL_MAX_MS, until = now + most;
    message_fini(&client->answer);
    client->answer.kind = MESSAGE_GARBAGE;
    client->heard_ms = now;
    client->requests = 0;
    message_print(&request, ++client->last_id, method, take_params);
    int result = link_send(client->link, buf_view(&request), true);
    buf_fini(&request);
    while (result == 0 && client->answer.kind == MESSAGE_GARBAGE && client->garbage <= GARBAGE_MAX) {
        int64_t left = client->heard_ms + silence_ms - clock_mono_ms(), whole = until - clock_mono_ms();
        left = left < whole ? left : whole;
        if (http_is_aborted(client->http)) {
            give_up(client, "stopped");
            return CLIENT_STOPPED;
        }
        if (left <= 0) {
            give_up(client, "timed out");
            return fail(client, sentence, "it did not answer in time");
        }
        result = link_wait(client->link, left);
        answer_requests(client);
    }
    if (http_is_aborted(client->http) && client->answer.kind == MESSAGE_GARBAGE) {
        give_up(client, "stopped");
        return CLIENT_STOPPED;
    }
    if (client->garbage > GARBAGE_MAX)
        return fail(client, sentence, "what it says is not of the protocol");
    if (client->answer.kind == MESSAGE_GARBAGE && !client->link->is_expired) {
        char trouble[sizeof client->link->trouble];
        memcpy(trouble, client->link->trouble, sizeof trouble);
        return fail(client, sentence, trouble);
    }
    link_settle(client->link);
    return CLIENT_DONE;
}

static enum client_end refused(struct client *client, char sentence[CLIENT_SENTENCE_MAX])
{
    (void)snprintf(sentence, CLIENT_SENTENCE_MAX, "The tool server \"%s\" refused: %.300s", client->server->name,
                   *member_text(client->answer.body, "message") != '\0' ? member_text(client->answer.body, "message")
                                                                        : "it does not say why.");
    return CLIENT_FAILED;
}

static const char *known_version(const json_t *result)
{
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (strcmp(member_text(result, "protocolVersion"), versions[i]) == 0)
            return versions[i];
    return NULL;
}

// A server that is given less time for its work has no more for the rest.
static int64_t at_most(const struct client *client, int64_t ms)
{
    return client->server->timeout_s * 1000 < ms ? client->server->timeout_s * 1000 : ms;
}

static enum client_end open(struct client *client, char sentence[CLIENT_SENTENCE_MAX])
{
    if (client->link)
        return CLIENT_DONE;
    client->link =
        client->server->url ? remote_link(client->http, client->server) : stdio_link(client->http, client->server);
    client->link->on_message = take_message;
    client->link->arg = client;
    client->garbage = 0;
    enum client_end end = ask(client, "initialize",
                              json_pack("{s:s, s:{}, s:{s:s, s:s}}", "protocolVersion", OFFERED_VERSION, "capabilities",
                                        "clientInfo", "name", "trace-agent", "version", PACKAGE_VERSION),
                              at_most(client, OPEN_MS), sentence);
    if (end != CLIENT_DONE)
        return end;
    if (client->answer.kind == MESSAGE_ERROR) {
        end = refused(client, sentence);
        link_leave(client->link, STR(""));
        client->link = NULL;
        return end;
    }
    client->link->version = known_version(client->answer.body);
    if (!client->link->version)
        return fail(client, sentence, "it speaks a version of the protocol that is not known here");
    struct buf notice = {0};
    message_print(&notice, 0, "notifications/initialized", NULL);
    (void)link_send(client->link, buf_view(&notice), false);
    buf_fini(&notice);
    return CLIENT_DONE;
}

// Asks in a conversation, which is begun if there is none, and once more in another one if the server forgot it.
static enum client_end converse(struct client *client, const char *method, json_t *params, int64_t silence_ms,
                                char sentence[CLIENT_SENTENCE_MAX])
{
    enum client_end end = CLIENT_FAILED;
    for (int turn = 0; turn < 2; turn++) {
        if ((end = open(client, sentence)) != CLIENT_DONE)
            return end;
        if (strcmp(method, "tools/call") == 0)
            json_object_set_new(params, "_meta", json_pack("{s:I}", "progressToken", (json_int_t)client->last_id + 1));
        end = ask(client, method, json_incref(params), silence_ms, sentence);
        if (end != CLIENT_DONE || !client->link->is_expired)
            return end;
        end = fail(client, sentence, "it forgot the conversation");
    }
    return end;
}

enum client_end client_list(struct client *client, json_t *tools, char sentence[CLIENT_SENTENCE_MAX])
{
    json_t *params = json_object();
    enum client_end end = CLIENT_DONE;
    size_t left_out = 0;
    bool has_more = true;
    client->on_progress = NULL;
    for (int page = 0; page < PAGES_MAX && has_more && end == CLIENT_DONE; page++) {
        end = converse(client, "tools/list", params, at_most(client, LIST_MS), sentence);
        if (end == CLIENT_DONE && client->answer.kind == MESSAGE_ERROR)
            end = refused(client, sentence);
        if (end != CLIENT_DONE)
            break;
        left_out += listing_add(tools, client->server, client->answer.body);
        const json_t *cursor = json_object_get(client->answer.body, "nextCursor");
        has_more = json_is_string(cursor);
        if (has_more)
            json_object_set(params, "cursor", (json_t *)(uintptr_t)cursor);
    }
    if (left_out > 0)
        log_warning("tools of a server are not offered, since they have no name, are too many or too long server=%s "
                    "tools=%zu",
                    client->server->name, left_out);
    client->has_changed = false;
    json_decref(params);
    return end;
}

enum client_end client_call(struct client *client, const char *tool, json_t *arguments,
                            void (*on_progress)(void *arg, const char *text), void *arg, struct outcome *outcome,
                            char sentence[CLIENT_SENTENCE_MAX])
{
    json_t *params = json_pack("{s:s, s:O}", "name", tool, "arguments", arguments);
    client->on_progress = on_progress;
    client->arg = arg;
    enum client_end end = converse(client, "tools/call", params, client->server->timeout_s * 1000, sentence);
    client->on_progress = NULL;
    json_decref(params);
    if (end == CLIENT_DONE && client->answer.kind == MESSAGE_ERROR)
        return refused(client, sentence);
    if (end == CLIENT_DONE)
        outcome_read(outcome, client->answer.body);
    return end;
}

bool client_has_changed(struct client *client)
{
    bool has_changed = client->has_changed;
    client->has_changed = false;
    return has_changed;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    if (client->link)
        link_leave(client->link, STR(""));
    message_fini(&client->answer);
    buf_fini(&client->replies);
    free(client);
}
