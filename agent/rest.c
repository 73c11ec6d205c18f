#include "agent/rest.h"

#include <string.h>

#include "agent/clock.h"
#include "agent/log.h"

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

    if (reply->retry_after_s > 0)
        ms = reply->retry_after_s < 5 ? reply->retry_after_s * 1000L : 5000;
    return ms + clock_jitter(200);
}

enum rest_result rest_get(struct rest *rest, const char *path, json_t **out)
{
    struct text url = {0}, authorization = {0}, body = {0};
    struct http_reply reply = {0};
    enum rest_result result = REST_AWAY;
    bool again = true;

    *out = NULL;
    text_addf(&url, "%s/api/workspaces/%s/%s", rest->url, rest->workspace, path);
    text_addf(&authorization, "Authorization: Bearer %s", rest->token);
    const char *const headers[] = {authorization.p, "Accept: application/json", NULL};
    const struct http_request request = {
        .url = url.p, .headers = headers, .total_ms = REQUEST_MS, .max_bytes = REPLY_MAX};
    for (int attempt = 0; again; attempt++) {
        text_clear(&body);
        http_fetch(rest->http, &request, &reply, &body);
        if (reply.end == HTTP_DONE && reply.status == 200)
            *out = json_loadb(text_string(&body), body.n, 0, NULL);
        result = reply.end == HTTP_ABORTED ? REST_ABORTED : *out != NULL ? REST_OK : REST_REFUSED;
        if (worth_repeating(&reply))
            result = REST_AWAY;
        again = result == REST_AWAY && attempt + 1 < ATTEMPTS;
        bool is_known = again || (result == REST_AWAY && rest->is_away);
        if (result != REST_OK && result != REST_ABORTED)
            log_write(is_known ? LOG_DEBUG : LOG_WARNING, "request failed path=%s status=%ld error=\"%s\"", path,
                      reply.status, reply.error);
        if (again)
            http_pause(rest->http, pause_ms(&reply, attempt));
        http_reply_fini(&reply);
    }
    if (rest->is_away && result == REST_OK)
        log_write(LOG_INFO, "the server answers again");
    if (result != REST_ABORTED)
        rest->is_away = result == REST_AWAY;
    text_fini(&url);
    text_fini(&authorization);
    text_fini(&body);
    return result;
}

void rest_events_url(const struct rest *rest, const char *kind, const char *id, struct text *url)
{
    text_addf(url, "%s/api/workspaces/%s/events?room=%s:%s", rest->url, rest->workspace, kind, id);
}
