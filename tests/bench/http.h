// A blocking HTTP/1.1 client on one kept connection to 127.0.0.1, for benchmarks: what it costs is what is measured, so
// it does no more than it must. It understands answers with a Content-Length and streams; whatever fails ends the
// program.
#ifndef TESTS_BENCH_HTTP_H
#define TESTS_BENCH_HTTP_H

#include "lib/buf.h"

struct http {
    int port;
    int fd;            // -1 until the first request
    const char *field; // a header line that goes with every request, without CRLF
    struct buf request, answer;
};

// Sends the request and waits for the whole answer. Returns its status; its body is a view into `answer`.
int http_ask(struct http *h, const char *method, const char *path, struct str body, struct str *answer);

// Sends GET on a connection of its own and waits until `mark` has come. Returns the status.
int http_hear(const struct http *h, const char *path, const char *mark);

void http_fini(struct http *h);

#endif
