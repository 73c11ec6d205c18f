// SPDX-License-Identifier: Apache-2.0
#include "agent/listen.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "agent/model/repair.h"
#include "agent/sse.h"
#include "base/id.h"
#include "base/buf.h"

#define EVENT_MAX (4u << 20)
#define STALL_S 40    // the server pings every 15 s
#define RETRY_MS 2000 // before the server has said otherwise
#define RETRY_MAX_MS 30000
#define REFUSED_MS 30000 // the credentials or rooms are wrong: only a person can mend that

struct listen {
    struct http *http;
    struct http_transfer *transfer; // NULL: waiting for next_at_ms
    struct sse *sse;
    char *url;
    char *authorization;
    char *first_id;
    void (*on_event)(void *arg, const char *name, const json_t *data);
    void *arg;
    int64_t next_at_ms;
    long retry_ms;
    int failures; // connections in a row that brought no `ready`
    bool is_live;
    bool is_over; // 204: nothing more can come
};

static int take_event(void *arg, const struct sse_event *event)
{
    struct listen *listen = arg;
    json_t *data = repair_read((struct str){event->data, event->data_len});
    if (!data) {
        log_warning("an event is not JSON event=%s", event->name);
        return 0;
    }
    if (strcmp(event->name, "ready") == 0) {
        listen->is_live = true;
        listen->failures = 0;
    }
    if (strcmp(event->name, "unavailable") != 0 && strcmp(event->name, "ping") != 0)
        listen->on_event(listen->arg, event->name, data);
    json_decref(data);
    return 0;
}

static void take_retry(void *arg, long ms)
{
    struct listen *listen = arg;
    listen->retry_ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

static int take_data(void *arg, long status, const char *p, size_t n)
{
    struct listen *listen = arg;
    return status == 200 ? sse_feed(listen->sse, p, n) : 0;
}

// After the first failure it waits as long as the server asked, after each further one twice as long.
static int64_t back_off(const struct listen *listen)
{
    int doublings = listen->failures > 1 ? listen->failures - 1 : 0;
    int64_t ms = (int64_t)listen->retry_ms << (doublings < 5 ? doublings : 5);
    ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
    return ms / 2 + id_random_below((uint32_t)ms + 1);
}

static void connection_ended(void *arg, const struct http_reply *reply)
{
    struct listen *listen = arg;
    bool was_live = listen->is_live;
    listen->transfer = NULL;
    listen->is_live = false;
    http_wake(listen->http);
    sse_restart(listen->sse);
    if (reply->status == 204) {
        listen->is_over = true;
        return;
    }
    listen->failures++;
    listen->next_at_ms = clock_mono_ms() + back_off(listen);
    if (reply->end == HTTP_DONE && reply->status != 200) {
        log_warning("subscription refused status=%ld url=%s", reply->status, listen->url);
        if (reply->status >= 400 && reply->status < 500 && reply->status != 429)
            listen->next_at_ms = clock_mono_ms() + REFUSED_MS;
    } else if (reply->end != HTTP_DONE && !was_live && listen->failures == 1) {
        log_warning("cannot subscribe error=\"%s\"", reply->error);
    }
}

static void connect_now(struct listen *listen)
{
    struct buf last = {0};
    const char *id = *sse_last_id(listen->sse) != '\0' ? sse_last_id(listen->sse) : listen->first_id;
    const char *headers[] = {"Accept: text/event-stream", listen->authorization, NULL, NULL};
    struct http_request request = {
        .url = listen->url, .headers = headers, .stall_s = STALL_S, .on_data = take_data, .arg = listen};
    if (id) {
        buf_printf(&last, "Last-Event-ID: %s", id);
        headers[2] = buf_cstr(&last);
    }
    listen->transfer = http_start(listen->http, &request, connection_ended);
    buf_fini(&last);
}

static int64_t tick(void *arg)
{
    struct listen *listen = arg;
    int64_t now = clock_mono_ms();
    if (!listen->transfer && !listen->is_over && !http_is_aborted(listen->http) && now >= listen->next_at_ms)
        connect_now(listen);
    return listen->transfer || listen->is_over ? INT32_MAX : listen->next_at_ms - now;
}

struct listen *listen_new(struct http *http, const struct listen_config *config)
{
    struct listen *listen = mem_zero(sizeof *listen);
    struct sse_sink sink = {.on_event = take_event, .on_retry = take_retry, .arg = listen};
    struct buf authorization = {0};
    buf_printf(&authorization, "Authorization: Bearer %s", config->token);
    listen->http = http;
    listen->sse = sse_new(&sink, EVENT_MAX);
    listen->url = mem_dup(str_from(config->url));
    listen->authorization = buf_take(&authorization);
    listen->first_id = config->last_id ? mem_dup(str_from(config->last_id)) : NULL;
    listen->on_event = config->on_event;
    listen->arg = config->arg;
    listen->retry_ms = RETRY_MS;
    http_set_ticker(http, tick, listen);
    return listen;
}

bool listen_is_live(const struct listen *listen)
{
    return listen->is_live;
}

void listen_free(struct listen *listen)
{
    if (!listen)
        return;
    http_set_ticker(listen->http, NULL, NULL);
    http_cancel(listen->transfer);
    sse_free(listen->sse);
    free(listen->url);
    free(listen->authorization);
    free(listen->first_id);
    free(listen);
}
