// SPDX-License-Identifier: Apache-2.0
// request: parses an HTTP/1.1 request from the bytes received so far (RFC 9112): a bounded head, and a body by
// Content-Length or chunked. Pure.
#ifndef AGENT_DEMO_REQUEST_H
#define AGENT_DEMO_REQUEST_H

#include <stdbool.h>

#include "base/buf.h"

#define REQUEST_HEAD_MAX 16384u
#define REQUEST_BODY_MAX (8u << 20)

enum request_result { REQUEST_MORE, REQUEST_WHOLE, REQUEST_BAD, REQUEST_TOO_LARGE };

struct request {
    char method[16];
    char path[256]; // without the query
    bool keep_alive;
    bool expects_continue; // the client waits for 100 before it sends the body
    struct buf body;
    size_t used; // bytes of the input, when whole
};

// Parses from the start of the request every time. Free it with request_fini() whatever the result.
enum request_result request_parse(const char *p, size_t n, struct request *request);
void request_fini(struct request *request);

#endif
