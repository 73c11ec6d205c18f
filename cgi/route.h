// SPDX-License-Identifier: Apache-2.0
// Tables of routes, and finding the route of a request: pure, without descriptor or clock. Patterns are compared
// segment by segment; "{ses}" takes a well-formed id of that kind and nothing else, "{*}" what a
// token or an id of other makers may consist of.
#ifndef CGI_ROUTE_H
#define CGI_ROUTE_H

#include "cgi/request.h"

enum body_kind {
    BODY_NONE,  // a body is ignored
    BODY_JSON,  // an object of at most 8 MiB in r->body, redacted by the rules of the path's workspace
    BODY_EXACT, // the same as it came: settings, not texts
    BODY_RAW,   // at most 16 MiB in r->raw_body
    BODY_LARGE  // at most 64 MiB in r->large_body
};

enum auth {
    AUTH_ANYONE,  // no credential is needed
    AUTH_KNOWN,   // a token or a cookie: otherwise 401 before the handler runs
    AUTH_PERSON,  // a cookie: a token gets 401
    AUTH_PROGRAM, // a token: a cookie gets 401
    AUTH_IN_PATH, // a token, which the first id of the path is, from clients that have no other place for it
    AUTH_READER,  // as AUTH_PROGRAM, for calls that only read, whatever their method says (cgi/allowance.h)
    AUTH_ALWAYS,  // as AUTH_PROGRAM, however much it has asked for: without these calls its work would be lost
                  // (cgi/allowance.h)
    AUTH_SHARE    // the ticket of a share: the routes below /api/shares/, which take no other credential
};

// `pattern`: literal segments and ids by kind: "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}". A segment that
// is not a well-formed id of the kind does not match (404). HEAD is answered by the GET handler, without its body.
struct route {
    enum method method;
    const char *pattern;
    enum auth auth;
    enum body_kind body;
    int (*handler)(struct request *r);
};

struct program {
    const char *name;                  // "trace-api": also names its socket, NAME.sock
    const char *write_scope;           // the scope that a token needs for calls that change something
    bool is_door;                      // credentials come in the forms that foreign clients have (cgi/credential.h)
    const struct route *const *tables; // NULL at the end; a table ends with a route without a pattern
    bool has_sign_in;                  // workers of its own listen at SOCKET_SIGN_IN
    int (*check)(void); // NULL; or 0 where the configuration's keys go together, and -1 after saying why not
};

// The route of r->method and r->path; fills r->id. HEAD finds the GET route. NULL if there is none: then *allow says
// which methods the path has, as in an Allow header, and is empty if there is no such path.
const struct route *route_find(const struct program *program, struct request *r, struct buf *allow);

// Reads "METHOD"; METHOD_OTHER, which no route has, if no route of ours could have it.
enum method route_method(struct str text);
const char *route_method_name(enum method method);

// A route's place among all routes of the program, counted from 0, and the route of a place; NULL: there are no more.
int route_index(const struct program *program, const struct route *route);
const struct route *route_at(const struct program *program, int index);

#endif
