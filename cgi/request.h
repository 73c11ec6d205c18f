// One request as a handler sees it: what was asked, who asks, and the reply being built. The frame around the handlers
// (cgi/serve.h) fills it, bounds it, and sends what the handler leaves in it. It does not know FastCGI (cgi/fcgi.h) or
// SQL (lib/store_*.h).
//
// A handler returns the HTTP status. It either wrote a body into `out` (JSON, complete) or calls problem() and returns
// its value.
#ifndef CGI_REQUEST_H
#define CGI_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/buf.h"
#include "lib/bus.h"
#include "lib/pg.h"

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

// What a worker process has for all its requests.
struct worker {
    struct pg *pg;
    struct bus *bus;
    const char *program;
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
    struct str secret; // of the bearer token or of the cookie; STR_NONE if there is none
    bool is_program;   // the secret came as a bearer token
    struct str remote_address;
    struct str if_none_match;
    struct str last_event_id;
    struct str raw_body;
    json_t *body;     // an object (an absent body is {}), or NULL on routes that take none or take it raw
    int64_t received; // CLOCK_MONOTONIC ns

    struct str parsed; // the text that body_parse() read last

    struct buf out;     // the reply's body
    struct buf headers; // further header lines, each with CRLF
    bool is_problem;    // `out` is application/problem+json
    char **kept;        // freed with the request
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

// A number of the query: `fallback` if absent. 0, or the status of a problem already written (invalid_query).
MUST_USE int request_query_i64(struct request *r, const char *name, int64_t least, int64_t most, int64_t fallback,
                               int64_t *value);

// A text to search for, at most 500 characters, that lives as long as the request; NULL if it is absent or empty. 0, or
// the status of a problem already written.
MUST_USE int request_query_text(struct request *r, const char *name, const char **text);

// Adds a header line. The value is of our own making, or was parsed to a form that needs no escaping.
void request_header(struct request *r, const char *name, struct str value);

// The error reply (RFC 9457, application/problem+json): returns `status`. `detail` is a sentence for people and must
// not quote input.
int problem(struct request *r, int status, const char *code, const char *detail);
// The same with one further text member, for example "sessionStatus". A `value` that is STR_NONE leaves it out.
int problem_with(struct request *r, int status, const char *code, const char *detail, const char *member,
                 struct str value);

// The problems that every resource has.
int problem_unauthenticated(struct request *r);
int problem_wrong_credential(struct request *r); // a token where a person is needed, or the other way round
int problem_not_found(struct request *r);
int problem_forbidden(struct request *r, const char *scope); // 403 insufficient_scope
int problem_database(struct request *r);                     // 503 with Retry-After
int problem_internal(struct request *r);                     // 500: a defect, and the log says which
// What a statement's answer (lib/answer.h) refuses whatever the verb: 401, 403 (the token lacks `scope`), 404, unfit,
// broken, down. 0 of any other.
int problem_refusal(struct request *r, int answer, const char *scope);
int problem_body(struct request *r, const char *field, const char *what);  // 400 invalid_body, with `field`
int problem_query(struct request *r, const char *field, const char *what); // 400 invalid_query, with `field`

#endif
