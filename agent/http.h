// SPDX-License-Identifier: Apache-2.0
// http: the agent's transfers; it and transfer.h are the only doors to libcurl. One `struct http` belongs to one thread
// and drives all of that thread's transfers together: while http_run() waits for one, those begun with http_start() go
// on, as a session's subscription does while the model thinks. Another thread may only abort or wake it.
#ifndef AGENT_HTTP_H
#define AGENT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/must.h"

struct http;
struct http_transfer;

enum http_end {
    HTTP_DONE,        // a whole reply, whatever its status
    HTTP_STOPPED,     // on_data said so
    HTTP_UNREACHABLE, // no connection: name, route, refused, TLS
    HTTP_BROKEN,      // the connection ended in the middle
    HTTP_STALLED,     // no byte for stall_s, or total_ms have passed
    HTTP_TOO_LARGE,   // over max_bytes
    HTTP_FORBIDDEN,   // only_public, and every address is not
    HTTP_BAD_URL,
    HTTP_ABORTED, // http_abort()
    HTTP_END__MAX
};

struct http_request {
    const char *method; // NULL: GET, or POST if there is a body
    const char *url;
    const char *const *headers; // "Name: value", NULL at the end; may be NULL
    const char *body;           // JSON; NULL: none
    size_t body_len;
    long total_ms;       // 0: no limit
    long stall_s;        // 0: no limit
    size_t max_bytes;    // of the reply's body, 0: no limit
    const char *ca_file; // of trusted certificates; NULL or "": the system's
    bool decodes;        // compressed replies, though none is asked for
    bool only_public;    // connect only to globally reachable addresses, on a fresh connection, without a proxy
    // Receives the body as it arrives; a non-zero result stops the transfer.
    int (*on_data)(void *arg, long status, const char *p, size_t n);
    // Returns in how many ms the transfer counts as stalled unless something happens; 0 or less means now. If it is
    // NULL, stall_s decides.
    int64_t (*patience_ms)(void *arg, int64_t now_ms);
    void *arg;
};

struct http_reply {
    enum http_end end;
    long status;            // 0 before any
    int64_t retry_after_ms; // 0: not given
    char content_type[128];
    char *redirect_url; // absolute, of a 3xx; else NULL
    char error[256];    // for the log, when end is not HTTP_DONE
};

// Must be called once, before any thread is started.
int http_global_init(void) MUST_USE;

struct http *http_new(void);
// Ends the transfers that still run, without calling on_end.
void http_free(struct http *http);

// May be called from any thread. All running transfers end within a moment with HTTP_ABORTED, and so do all that are
// begun later.
void http_abort(struct http *http);
bool http_is_aborted(const struct http *http);
// May be called from any thread: ends the current http_wait(), or the next one.
void http_wake(struct http *http);

// Sets a function that is called at every turn of the waiting, and returns in how many ms it wants to be called again.
void http_set_ticker(struct http *http, int64_t (*tick)(void *arg), void *arg);

// Sets a function that is called at every turn of the waiting, which is twice a second or more.
void http_set_pulse(struct http *http, void (*pulse)(void));

// Begins a transfer. The request's strings are copied, its `arg` is not. on_end may free or begin transfers.
struct http_transfer *http_start(struct http *http, const struct http_request *request,
                                 void (*on_end)(void *arg, const struct http_reply *reply));
// Ends the transfer without calling on_end. NULL is allowed.
void http_cancel(struct http_transfer *transfer);

// Runs one transfer from beginning to end. Free the reply with http_reply_fini().
void http_run(struct http *http, const struct http_request *request, struct http_reply *reply);
// The same, with the body collected into `body`.
void http_fetch(struct http *http, const struct http_request *request, struct http_reply *reply, struct buf *body);
void http_reply_fini(struct http_reply *reply);

// A header of the reply that a transfer is receiving, also from on_data. False, and "", if it is not there or too long.
bool http_header(const struct http_transfer *transfer, const char *name, char *value, size_t size);

// Drives the transfers for one turn: until one of them moves, the descriptor is ready for `events` (poll(2)'s, -1:
// there is none), or at most `ms`. Like http_run(), it leaves a wake to the next http_wait().
void http_step(struct http *http, int fd, short events, int64_t ms);
// Drives the transfers for at most `ms`, or until it is woken or aborted.
void http_wait(struct http *http, int64_t ms);
// The same, but only an abort ends it early: for a pause between two attempts. Like http_run(), it leaves a wake to the
// next http_wait().
void http_pause(struct http *http, int64_t ms);

#endif
