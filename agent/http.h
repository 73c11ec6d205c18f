/*
 * http: the agent's transfers; it and transfer.h are the only doors to libcurl. One `struct http` belongs to one thread
 * and drives all of that thread's transfers together: while http_run() waits for one, those begun with http_start() go
 * on (a session's subscription to its conversation goes on while the model thinks). Another thread can only abort or
 * wake it.
 */
#ifndef AGENT_HTTP_H
#define AGENT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/text.h"

struct http;
struct http_transfer;

enum http_end {
    HTTP_DONE,        /* a whole reply, whatever its status */
    HTTP_STOPPED,     /* on_data said so */
    HTTP_UNREACHABLE, /* no connection: name, route, refused, TLS */
    HTTP_BROKEN,      /* the connection ended in the middle */
    HTTP_STALLED,     /* no byte for stall_s, or total_ms have passed */
    HTTP_TOO_LARGE,   /* over max_bytes */
    HTTP_FORBIDDEN,   /* only_public, and every address is not */
    HTTP_BAD_URL,
    HTTP_ABORTED, /* http_abort() */
    HTTP_END__MAX
};

struct http_request {
    const char *method; /* NULL: GET, or POST if there is a body */
    const char *url;
    const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
    const char *body;           /* JSON; NULL: none */
    size_t body_len;
    long total_ms;    /* 0: no limit */
    long stall_s;     /* 0: no limit */
    size_t max_bytes; /* of the reply's body, 0: no limit */
    bool only_public; /* connect only to globally reachable addresses, on a fresh connection, without a proxy */
    /* The body as it comes; non-zero stops the transfer. */
    int (*on_data)(void *arg, long status, const char *p, size_t n);
    void *arg;
};

struct http_reply {
    enum http_end end;
    long status;        /* 0 before any */
    long retry_after_s; /* 0: not given */
    char content_type[128];
    char *redirect_url; /* absolute, of a 3xx; else NULL */
    char error[256];    /* for the log, when end is not HTTP_DONE */
};

/* Once, before any thread. */
int http_global_init(void) MUST_USE;

struct http *http_new(void);
/* Ends what still runs, without calling on_end. */
void http_free(struct http *http);

/* From any thread: everything running ends within a moment with HTTP_ABORTED, and so does all that is begun later. */
void http_abort(struct http *http);
bool http_is_aborted(const struct http *http);
/* From any thread: ends a http_wait(), or the next one. */
void http_wake(struct http *http);

/* One function called at every turn of the waiting, that returns in how many ms it wants to be called again. */
void http_set_ticker(struct http *http, int64_t (*tick)(void *arg), void *arg);

/* Begins a transfer. The request's strings are copied, its `arg` is not. on_end may free or begin transfers. */
struct http_transfer *http_start(struct http *http, const struct http_request *request,
                                 void (*on_end)(void *arg, const struct http_reply *reply));
/* Ends it without calling on_end. NULL is nothing. */
void http_cancel(struct http_transfer *transfer);

/* One transfer from begin to end. Free the reply with http_reply_fini(). */
void http_run(struct http *http, const struct http_request *request, struct http_reply *reply);
/* The same, the body collected into `body`. */
void http_fetch(struct http *http, const struct http_request *request, struct http_reply *reply, struct text *body);
void http_reply_fini(struct http_reply *reply);

/* Drives what was begun for at most `ms`, or until woken or aborted. */
void http_wait(struct http *http, int64_t ms);
/* The same, or until aborted: between two attempts. Like http_run(), it leaves a wake to the next http_wait(). */
void http_pause(struct http *http, int64_t ms);

#endif
