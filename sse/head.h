// The head of an HTTP/1.x request (RFC 9112, section 2 and 3), as nginx or a tool of the operator sends it over a Unix
// socket. Only the request line means anything to the pusher; header fields are checked for form and passed over.
#ifndef SSE_HEAD_H
#define SSE_HEAD_H

#include "lib/buf.h"

enum { HEAD_MAX = 8192 };

enum head_outcome {
    HEAD_MORE,   // incomplete
    HEAD_OK,     // *target is the request's target, a view of `bytes`
    HEAD_BAD,    // no HTTP, or longer than HEAD_MAX
    HEAD_METHOD, // well-formed, but not GET
};

enum head_outcome head_parse(struct str bytes, struct str *target);

#endif
