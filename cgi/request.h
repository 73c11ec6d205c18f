// SPDX-License-Identifier: Apache-2.0
// One request as a handler sees it: what was asked, who asks, and the reply being built. The frame around the handlers
// (cgi/serve.h) fills it, bounds it, and sends what the handler leaves in it. It does not know FastCGI (cgi/fcgi.h) or
// SQL (store/).
//
// A handler returns the HTTP status. It either wrote a body into `out` (JSON, complete) or calls problem()
// (cgi/problem.h) and returns its value.
#ifndef CGI_REQUEST_H
#define CGI_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/must.h"
#include "wire/bus.h"

enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OTHER,
    METHOD__MAX
};

enum { REQUEST_IDS_MAX = 4, REQUEST_QUERY_MAX = 64 };

struct pg;           // store/pg.h
struct redactor;     // base/redactor.h
struct store_reader; // store/reader.h

// What a worker process has for all its requests.
struct worker {
    struct pg *pg;
    struct store_reader *reader;
    struct bus *bus;
    const char *write_scope; // of route.h's struct program
    bool is_door;            // of the same
    bool hashes_passwords;   // it is one of the few that take the time (cgi/serve.c)
};

struct request;

// A reply of any size, sent while it is made: the head goes out when the handler has returned, and then each piece that
// `next` leaves in `out`. A reply that cannot be finished is broken off.
enum flow_state { FLOW_MORE, FLOW_LAST, FLOW_BROKEN };
struct flow {
    enum flow_state (*next)(struct request *r, void *state); // NULL: the reply is what the handler has written
    void (*end)(struct request *r, void *state);             // called once, in every case
    void *state;
};

struct parameter {
    struct str name, value; // percent-decoded
};

struct request {
    struct worker *worker;
    enum method method;
    struct str path;                // percent-decoded, without the query
    struct str id[REQUEST_IDS_MAX]; // the well-formed ids of the path, in order
    int ids;
    struct parameter query[REQUEST_QUERY_MAX];
    int queries;
    struct str secret;  // of the bearer token or of the cookie; STR_NONE if there is none
    bool is_program;    // the secret came as a bearer token
    bool is_share;      // … or is the ticket of a share (cgi/share_cookie.h)
    bool is_old_login;  // … or in a cookie of before the update (cgi/login.h)
    struct str cookies; // the whole header
    struct str remote_address;
    struct str if_none_match;
    struct str accept;
    struct str last_event_id;
    struct str reading_origin; // of a page elsewhere that may read the answer (cgi/cors.h); STR_NONE: there is none
    struct str content_type, content_encoding; // of the body; STR_NONE if not said
    struct str raw_body;
    struct buf large_body; // on BODY_LARGE routes: whoever takes it leaves an empty one
    int64_t body_bytes;    // its length, as it came
    int64_t steps;         // that the call brings; set by its handler, for its cost (cgi/allowance.h)
    json_t *body;          // an object (an absent body is {}), or NULL on routes that take none or take it raw
    int64_t received_ns;   // CLOCK_MONOTONIC

    struct str parsed;   // the text that body_parse() read last
    struct str received; // the same as it came, before it was redacted

    const struct redactor *redact; // the rules that its texts are redacted by (cgi/redaction.h); NULL: none
    bool is_redacted;              // something was taken out: a text may have become longer than it came

    struct buf out;     // the reply's body
    struct buf headers; // further header lines, each with CRLF
    struct flow flow;
    bool is_problem; // `out` is application/problem+json

    const char *mark_key;   // says which key marks are hashed by (cgi/trace_step_mark.h); NULL: not needed yet
    const char *used_token; // the secret whose use is still to be noted (cgi/token_use.h); NULL: none

    char **kept; // freed with the request
    int kept_n;
};

// Frees what the request holds and makes it empty for the next one.
void request_reset(struct request *r);
void request_fini(struct request *r);

// A NUL-terminated copy that lives as long as the request. For parameters of statements. NULL for STR_NONE.
const char *request_keep(struct request *r, struct str text);
// Takes memory of malloc() that is to live as long as the request.
void request_take(struct request *r, char *memory);
const char *request_keep_i64(struct request *r, int64_t value);

// The value of a query parameter, or STR_NONE. A repeated name gives the first.
struct str request_query(const struct request *r, const char *name);
// The same, for a parameter of which the last one counts.
struct str request_query_last(const struct request *r, const char *name);

// Adds a header line. The value is of our own making, or was parsed to a form that needs no escaping.
void request_header(struct request *r, const char *name, struct str value);

#endif
