// SPDX-License-Identifier: Apache-2.0
// message: the messages that clients and servers of the Model Context Protocol exchange (JSON-RPC 2.0): printing ours,
// reading theirs. Pure. Whatever a server sends is read to one of the kinds below.
#ifndef AGENT_MCP_MESSAGE_H
#define AGENT_MCP_MESSAGE_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"

#define MESSAGE_MAX_BYTES (4u << 20)

enum message_kind {
    MESSAGE_RESULT,       // of the request `id`; `body` is its result
    MESSAGE_ERROR,        // of the request `id`; `body` is the error object
    MESSAGE_REQUEST,      // by the server; it waits for an answer to `reply_id`
    MESSAGE_NOTIFICATION, // by the server; `body` is its parameters or NULL
    MESSAGE_GARBAGE
};

struct message {
    enum message_kind kind;
    int64_t id;       // -1: an id that none of ours can be
    json_t *document; // owns everything else
    const char *method;
    const json_t *body;
    const json_t *reply_id;
};

// Reads one message. Free it with message_fini(), whatever its kind.
void message_read(struct message *message, struct str text);
void message_fini(struct message *message);

// Prints a request, or with an id of 0 a notification. `take_params` is consumed; NULL: none.
void message_print(struct buf *out, int64_t id, const char *method, json_t *take_params);
// Answers a server's request: it asked for a sign of life, or for something that this client does not offer.
void message_answer(struct buf *out, const struct message *request);

#endif
