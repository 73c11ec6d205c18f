// SPDX-License-Identifier: Apache-2.0
// exchange: one HTTP exchange with a model's server: the request goes out, the reply is read while it comes and shown
// as it grows. What its end means is judged by model.c.
#ifndef AGENT_EXCHANGE_H
#define AGENT_EXCHANGE_H

#include <jansson.h>

#include "agent/http.h"
#include "agent/model/events.h"
#include "agent/model/habits.h"
#include "agent/model/reply.h"
#include "agent/model/thinking.h"

struct model_config {
    const char *url;     // the base, such as https://api.example.com/v1, or the whole address of /chat/completions
    const char *name;    // "" lets the server choose
    const char *key;     // "" sends none
    const char *headers; // further ones, a line each; "" for none
    const char *ca_file; // "" for the system's certificates
    const json_t *patch; // merged into each request; NULL for none
    int64_t first_byte_s;
    int64_t stall_s; // between two pieces of content
    int64_t total_s;
    int64_t context_tokens; // 0: as much as the server takes
    struct habits *habits;  // shared by all calls of the process
};

enum model_text { MODEL_REASONING, MODEL_CONTENT };

struct model_sink {
    void (*on_text)(void *arg, enum model_text kind, const char *p, size_t n);
    void *arg;
};

// Embedded; the caller sets the members up to `reply`.
struct exchange {
    const struct model_config *config;
    const struct model_sink *sink;
    json_t *sent;  // the messages, as far as they fit …
    json_t *body;  // … and the request with them
    json_t *tools; // that were offered
    struct reply *reply;
    struct events *events;
    struct thinking thinking;
    struct trouble trouble;
    struct buf whole; // of a reply that is no event stream: an error, or a server that does not stream
    bool is_whole;
    bool has_begun; // to send its body
    bool is_too_long;
    enum reply_taken taken; // REPLY_TROUBLE or REPLY_TOO_LARGE once that has come
    int64_t began_ms;
    int64_t heard_ms;   // the last byte
    int64_t content_ms; // the last piece of content; 0: none yet
    int64_t event_ms;   // the last event
};

// Sends the body and reads what comes back, also behind a redirect on the same host. Free the reply with
// http_reply_fini() and the exchange with exchange_fini().
void exchange_run(struct exchange *x, struct http *http, struct http_reply *reply);
// The end of a reply: an event without its empty line is taken, and text that was held back is shown. `is_whole`
// replies are parsed here.
void exchange_finish(struct exchange *x, const struct http_reply *reply);
void exchange_fini(struct exchange *x);

#define EXCHANGE_HEADERS 35

// The headers of a request to a model's server: `headers` are lines of the setting, `key` may be "". The pointers lead
// into `lines`.
void exchange_headers(const char *headers, const char *key, struct buf *lines, const char *list[EXCHANGE_HEADERS]);
// The address that is called for a configured one, for "chat/completions" or "models".
void exchange_address(const char *url, const char *call, struct buf *address);

#endif
