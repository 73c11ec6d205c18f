// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP/1.x request (RFC 9112, section 2 and 3), as nginx or a tool of the operator sends it over a Unix
// socket. The request line means something to the pusher, and Trace-Address, in which nginx names the client; all other
// header fields are checked for form and passed over.
#ifndef SSE_HEAD_H
#define SSE_HEAD_H

#include "base/buf.h"

enum { HEAD_MAX = 8192 };

// Views of the request.
struct head {
    struct str target;
    struct str address; // the client's; empty if nobody said it
};

enum head_outcome {
    HEAD_MORE,   // incomplete
    HEAD_OK,     // *head is filled
    HEAD_BAD,    // no HTTP, or longer than HEAD_MAX
    HEAD_METHOD, // well-formed, but not GET
};

enum head_outcome head_parse(struct str bytes, struct head *head);

#endif
