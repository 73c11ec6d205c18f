// A FastCGI program as a table of routes: the frame that accepts, bounds, routes, answers and counts. A program is
//
//     int main(int argc, char **argv) { return serve_main(argc, argv, &program); }
//
// A parent supervises the workers (cgi/prefork.h); run from a shell with CGI variables and no FastCGI socket it answers
// one plain request.
#ifndef CGI_SERVE_H
#define CGI_SERVE_H

#include "cgi/request.h"

enum body_kind {
    BODY_NONE, // a body is ignored
    BODY_JSON, // an object of at most 8 MiB in r->body
    BODY_RAW,  // at most 16 MiB in r->raw_body
};

enum who {
    WHO_ANYONE,  // no credential needed
    WHO_KNOWN,   // a token or a cookie: else 401 before the handler
    WHO_PERSON,  // a cookie; a token is 401
    WHO_PROGRAM, // a token; a cookie is 401
};

// `pattern`: literal segments and ids by kind: "/api/workspaces/{ws}/agent-sessions/{ses}/steps/{stp}". A segment that
// is no well-formed id of the kind does not match (404). HEAD is answered by the GET handler, without its body.
struct route {
    enum method method;
    const char *pattern;
    enum who who;
    enum body_kind body;
    int (*handler)(struct request *r);
};

struct program {
    const char *name;                  // "trace-api": also names its socket, NAME.sock
    const struct route *const *tables; // NULL at the end; a table ends with a route without a pattern
};

// Runs the program until SIGTERM. Returns the exit status.
int serve_main(int argc, char **argv, const struct program *program);

#endif
