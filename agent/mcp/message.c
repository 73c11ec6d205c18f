// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/message.h"

#include <stdlib.h>
#include <string.h>

#include "agent/model/repair.h"
#include "agent/member.h"

#define METHOD_NOT_FOUND (-32601)

void message_read(struct message *message, struct str text)
{
    struct repair repair = {0};
    struct buf repaired = {0};
    *message = (struct message){.kind = MESSAGE_GARBAGE, .id = -1};
    if (text.n > 0 && text.n <= MESSAGE_MAX_BYTES)
        repair_json(&repair, text, &repaired);
    message->document = json_loadb(buf_cstr(&repaired), repaired.n, 0, NULL);
    buf_fini(&repaired);
    const json_t *id = json_object_get(message->document, "id");
    const json_t *result = json_object_get(message->document, "result"),
                 *error = json_object_get(message->document, "error");
    message->method = member_text(message->document, "method");
    if (json_is_integer(id))
        message->id = json_integer_value(id);
    if (*message->method != '\0') {
        bool is_request = json_is_integer(id) || json_is_string(id);
        message->kind = is_request ? MESSAGE_REQUEST : MESSAGE_NOTIFICATION;
        message->body = json_object_get(message->document, "params");
        message->reply_id = id;
    } else if (json_is_object(error)) {
        message->kind = MESSAGE_ERROR;
        message->body = error;
    } else if (json_is_object(result)) {
        message->kind = MESSAGE_RESULT;
        message->body = result;
    }
}

void message_fini(struct message *message)
{
    json_decref(message->document);
    *message = (struct message){0};
}

static void print(struct buf *out, json_t *take_document)
{
    char *printed = json_dumps(take_document, JSON_COMPACT);
    if (!printed)
        abort();
    buf_str(out, str_from(printed));
    free(printed);
    json_decref(take_document);
}

void message_print(struct buf *out, int64_t id, const char *method, json_t *take_params)
{
    json_t *document = json_pack("{s:s, s:s}", "jsonrpc", "2.0", "method", method);
    if (id != 0)
        json_object_set_new(document, "id", json_integer(id));
    if (take_params)
        json_object_set_new(document, "params", take_params);
    print(out, document);
}

void message_answer(struct buf *out, const struct message *request)
{
    json_t *document = json_pack("{s:s, s:O}", "jsonrpc", "2.0", "id", request->reply_id);
    if (strcmp(request->method, "ping") == 0)
        json_object_set_new(document, "result", json_object());
    else
        json_object_set_new(document, "error",
                            json_pack("{s:i, s:s}", "code", METHOD_NOT_FOUND, "message", "Method not found"));
    print(out, document);
}
