// SPDX-License-Identifier: Apache-2.0
#include "agent/rest.h"

#include <string.h>

#include "agent/model/repair.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/id.h"
#include "base/buf.h"

#define ATTEMPTS 4
#define REQUEST_MS 10000L
#define REPLY_MAX (16u << 20)

static bool worth_repeating(const struct http_reply *reply)
{
    if (reply->end != HTTP_DONE)
        return reply->end == HTTP_UNREACHABLE || reply->end == HTTP_BROKEN || reply->end == HTTP_STALLED;
    return reply->status == 429 || reply->status >= 500;
}

static int64_t pause_ms(const struct http_reply *reply, int attempt)
{
    int64_t ms = 200LL << attempt;
    if (reply->retry_after_ms > 0)
        ms = reply->retry_after_ms < 5000 ? reply->retry_after_ms : 5000;
    return ms + id_random_below(200);
}

enum rest_result rest_get(struct rest *rest, const char *path, json_t **out)
{
    struct buf url = {0}, authorization = {0}, body = {0};
    struct http_reply reply = {0};
    enum rest_result result = REST_AWAY;
    bool again = true;
    *out = NULL;
    buf_printf(&url, "%s/api/workspaces/%s/%s", rest->url, rest->workspace, path);
    buf_printf(&authorization, "Authorization: Bearer %s", rest->token);
    const char *const headers[] = {buf_cstr(&authorization), "Accept: application/json", NULL};
    const struct http_request request = {
        .url = buf_cstr(&url), .headers = headers, .total_ms = REQUEST_MS, .max_bytes = REPLY_MAX};
    for (int attempt = 0; again; attempt++) {
        buf_clear(&body);
        http_fetch(rest->http, &request, &reply, &body);
        if (reply.end == HTTP_DONE && reply.status == 200)
            *out = repair_read(buf_view(&body));
        result = reply.end == HTTP_ABORTED ? REST_ABORTED : *out ? REST_OK : REST_REFUSED;
        if (worth_repeating(&reply))
            result = REST_AWAY;
        again = result == REST_AWAY && attempt + 1 < ATTEMPTS;
        bool is_known = again || (result == REST_AWAY && rest->is_away);
        if (result != REST_OK && result != REST_ABORTED)
            log_line(is_known ? LOG_DEBUG : LOG_WARNING, "request failed path=%s status=%ld error=\"%s\"", path,
                     reply.status, reply.error);
        if (again)
            http_pause(rest->http, pause_ms(&reply, attempt));
        http_reply_fini(&reply);
    }
    if (rest->is_away && result == REST_OK)
        log_info("the server answers again");
    if (result != REST_ABORTED)
        rest->is_away = result == REST_AWAY;
    buf_fini(&url);
    buf_fini(&authorization);
    buf_fini(&body);
    return result;
}

void rest_events_url(const struct rest *rest, const char *kind, const char *id, struct buf *url)
{
    buf_printf(url, "%s/api/workspaces/%s/events?room=%s:%s", rest->url, rest->workspace, kind, id);
}
