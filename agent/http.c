// SPDX-License-Identifier: Apache-2.0
#include "agent/http.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "agent/transfer.h"
#include "base/buf.h"

#define TURN_MS 500 // the longest sleep: how exactly a stall is noticed

struct http {
    CURLM *multi;
    atomic_bool aborted;
    atomic_bool woken;
    bool owes_wake; // one that came while nobody was in http_wait(): the next ends at once
    struct http_transfer *first;
    int64_t (*tick)(void *arg);
    void *tick_arg;
    void (*pulse)(void);
};

int http_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

struct http *http_new(void)
{
    struct http *http = mem_zero(sizeof *http);
    http->multi = curl_multi_init();
    if (!http->multi)
        abort();
    return http;
}

static void drop(struct http_transfer *t)
{
    struct http_transfer **at = &t->http->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    (void)curl_multi_remove_handle(t->http->multi, t->easy);
    transfer_free(t);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->first)
        drop(http->first);
    (void)curl_multi_cleanup(http->multi);
    free(http);
}

void http_abort(struct http *http)
{
    http->aborted = true;
    http_wake(http);
}

bool http_is_aborted(const struct http *http)
{
    return http->aborted;
}

void http_wake(struct http *http)
{
    http->woken = true;
    (void)curl_multi_wakeup(http->multi);
}

void http_set_ticker(struct http *http, int64_t (*tick)(void *arg), void *arg)
{
    http->tick = tick;
    http->tick_arg = arg;
}

void http_set_pulse(struct http *http, void (*pulse)(void))
{
    http->pulse = pulse;
}

static struct http_transfer *begin(struct http *http, const struct http_request *request)
{
    struct http_transfer *t = transfer_new(request);
    t->http = http;
    t->next = http->first;
    http->first = t;
    if (curl_multi_add_handle(http->multi, t->easy) != CURLM_OK)
        abort();
    return t;
}

struct http_transfer *http_start(struct http *http, const struct http_request *request,
                                 void (*on_end)(void *arg, const struct http_reply *reply))
{
    struct http_transfer *t = begin(http, request);
    t->on_end = on_end;
    return t;
}

void http_cancel(struct http_transfer *transfer)
{
    if (transfer)
        drop(transfer);
}

// Reports the end and frees the transfer first, so that on_end may begin anew.
static void finish(struct http_transfer *t, const struct http_reply *reply)
{
    struct http_transfer copy = *t;
    struct http_reply given = *reply;
    drop(t);
    if (copy.result) {
        *copy.result = given;
        *copy.ended = true;
        return;
    }
    if (copy.on_end)
        copy.on_end(copy.arg, &given);
    http_reply_fini(&given);
}

// Returns true if any transfer ended: a caller that waits for it must not sleep on.
static bool collect_ended(struct http *http)
{
    bool any = false;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        struct http_transfer *t = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&t);
        struct http_reply reply;
        transfer_reply(t, message->data.result, &reply);
        finish(t, &reply);
        any = true;
    }
    return any;
}

// curl's own limit is on a speed averaged over several seconds, and takes effect much later. Only one transfer a turn
// is ended, because ending one may begin others.
static bool end_stalled(struct http *http)
{
    int64_t now = clock_mono_ms();
    struct http_reply reply;
    for (struct http_transfer *t = http->first; t; t = t->next) {
        if (transfer_patience_ms(t, now) > 0)
            continue;
        transfer_reply(t, CURLE_OPERATION_TIMEDOUT, &reply);
        finish(t, &reply);
        return true;
    }
    return false;
}

static void end_aborted(struct http *http)
{
    struct http_reply reply = {.end = HTTP_ABORTED, .error = "aborted"};
    // Only transfers that are running now are ended: on_end may begin more, which the next turn ends.
    for (struct http_transfer *t = http->first, *next; t; t = next) {
        next = t->next;
        if (t->result)
            finish(t, &reply);
    }
}

static int64_t least_patience_ms(const struct http *http)
{
    int64_t least = INT64_MAX, now = clock_mono_ms();
    for (const struct http_transfer *t = http->first; t; t = t->next) {
        int64_t patience = transfer_patience_ms(t, now);
        least = patience < least ? patience : least;
    }
    return least;
}

static void turn_with(struct http *http, int fd, short events, int64_t most_ms)
{
    int64_t wait = most_ms < TURN_MS ? most_ms : TURN_MS;
    if (http->pulse)
        http->pulse();
    if (http->tick) {
        int64_t next = http->tick(http->tick_arg);
        wait = next < wait ? next : wait;
    }
    int running;
    (void)curl_multi_perform(http->multi, &running);
    bool any_ended = collect_ended(http) || end_stalled(http);
    if (http->aborted) {
        end_aborted(http);
        return;
    }
    int64_t patience = least_patience_ms(http);
    wait = patience < wait ? patience : wait;
    if (any_ended || http->woken || wait <= 0)
        return;
    struct curl_waitfd watched = {.fd = fd};
    watched.events = (short)((events & POLLIN ? CURL_WAIT_POLLIN : 0) | (events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
    (void)curl_multi_poll(http->multi, &watched, fd >= 0 ? 1 : 0, (int)wait, NULL);
}

static void turn(struct http *http, int64_t most_ms)
{
    turn_with(http, -1, 0, most_ms);
}

// A turn that a wake does not cut short: it keeps the wake for http_wait().
void http_step(struct http *http, int fd, short events, int64_t ms)
{
    if (atomic_exchange(&http->woken, false))
        http->owes_wake = true;
    turn_with(http, fd, events, ms);
}

static void turn_undisturbed(struct http *http, int64_t most_ms)
{
    http_step(http, -1, 0, most_ms);
}

void http_run(struct http *http, const struct http_request *request, struct http_reply *reply)
{
    bool ended = false;
    *reply = (struct http_reply){.end = HTTP_ABORTED, .error = "aborted"};
    if (http->aborted)
        return;
    struct http_transfer *t = begin(http, request);
    t->result = reply;
    t->ended = &ended;
    while (!ended)
        turn_undisturbed(http, TURN_MS);
}

static int collect_body(void *arg, long status, const char *p, size_t n)
{
    (void)status;
    buf_bytes(arg, p, n);
    return 0;
}

void http_fetch(struct http *http, const struct http_request *request, struct http_reply *reply, struct buf *body)
{
    struct http_request collecting = *request;
    collecting.on_data = collect_body;
    collecting.arg = body;
    http_run(http, &collecting, reply);
}

void http_reply_fini(struct http_reply *reply)
{
    free(reply->redirect_url);
    reply->redirect_url = NULL;
}

void http_wait(struct http *http, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms;
    int64_t now;
    while (!http->aborted && !http->woken && !http->owes_wake && (now = clock_mono_ms()) < until)
        turn(http, until - now);
    http->woken = http->owes_wake = false;
}

void http_pause(struct http *http, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms;
    int64_t now;
    while (!http->aborted && (now = clock_mono_ms()) < until)
        turn_undisturbed(http, until - now);
}
