// SPDX-License-Identifier: Apache-2.0
// What the load generators share: connections to nginx on this machine, requests with a token, the end of an answer.
// A generator that cannot go on says why and ends; nothing here returns an error.
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include "base/buf.h"

// Prints `what` and errno's text after the program's name, and ends it.
_Noreturn void wire_fail(const char *what);

// As many descriptors as this process may have.
void wire_raise_limit(void);

// A connection to 127.0.0.1 without Nagle's delay.
int wire_dial(const char *port);
// The same without waiting: it can be written to when it stands.
int wire_dial_later(const char *port);
void wire_send(int fd, struct str bytes);
void wire_watch(int epoll, int fd, void *owner);

// Appends a request with a JSON body, or one without a body.
void wire_post(struct buf *out, const char *path, const char *token, struct str body);
void wire_get(struct buf *out, const char *path, const char *token, const char *more_headers);

// The same of a session: `what` below it, and its room's events.
void wire_post_session(struct buf *out, const char *workspace, const char *session, const char *what, const char *token,
                       struct str body);
void wire_get_events(struct buf *out, const char *workspace, const char *session, const char *token,
                     const char *more_headers);

// Reads once behind what is there. True if the answer, which has a Content-Length, is whole.
bool wire_hear(int fd, struct buf *answer);
int wire_status(const struct buf *answer);
struct str wire_body(struct buf *answer);
// What follows `key` (quoted, with its colon) in our own JSON; -1: it is not there.
int64_t wire_number(struct str json, const char *key);

#endif
