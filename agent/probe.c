// SPDX-License-Identifier: Apache-2.0
#include "agent/probe.h"

#include <jansson.h>
#include <stdlib.h>

#include "agent/exchange.h"
#include "agent/member.h"
#include "agent/model/repair.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define TOTAL_MS 10000L
#define LIST_MAX_BYTES (4u << 20)
#define AGAIN_MS 30000 // while something is wrong, or the persona's server has not been told
#define SELDOM_MS 600000

enum finding { FINDING_NONE, FINDING_REACHABLE, FINDING_UNREACHABLE, FINDING_UNKNOWN, FINDING_REFUSED };

// As the API names them.
static const char *const names[] = {[FINDING_REACHABLE] = "reachable",
                                    [FINDING_UNREACHABLE] = "unreachable",
                                    [FINDING_UNKNOWN] = "unknown",
                                    [FINDING_REFUSED] = "refused"};

struct probe {
    const struct settings *settings;
    struct http *http;
    struct http_transfer *transfer; // NULL: none is under way
    struct buf body;
    int64_t next_ms;
    enum finding found, told;
};

static int take_data(void *arg, long status, const char *p, size_t n)
{
    struct probe *probe = arg;
    (void)status;
    buf_bytes(&probe->body, p, n);
    return 0;
}

// True for what stands behind the name in a list: the tag that Ollama adds, or the date of which the name is the
// newest.
static bool is_edition(const char *rest)
{
    return *rest == '\0' || strcmp(rest, ":latest") == 0 ||
           (*rest == '-' && strspn(rest + 1, "0123456789") >= 4 && rest[1 + strspn(rest + 1, "0123456789")] == '\0');
}

// Servers name a model with or without its tag, or with a folder before it; a router takes words behind its names
// (":online"), and lists whole folders as one ("openai/" and a star).
static bool is_model(const char *listed, const char *wanted)
{
    const char *name = strrchr(listed, '/'), *folder = strchr(wanted, '/'),
               *variant = folder ? strchr(folder, ':') : NULL;
    size_t n = strlen(wanted), whole = strlen(listed);
    if (whole > 0 && listed[whole - 1] == '*')
        return strncmp(listed, wanted, whole - 1) == 0;
    if (strncmp(listed, wanted, n) == 0 && is_edition(listed + n))
        return true;
    if (name && strcmp(name + 1, wanted) == 0)
        return true;
    return variant && whole == (size_t)(variant - wanted) && strncmp(listed, wanted, whole) == 0;
}

static bool has_alias(const json_t *model, const char *wanted)
{
    size_t i;
    json_t *alias;
    json_array_foreach(json_object_get(model, "aliases"), i, alias)
    {
        if (json_is_string(alias) && is_model(json_string_value(alias), wanted))
            return true;
    }
    return false;
}

static bool is_listed(const struct probe *probe, const json_t *list)
{
    const char *wanted = probe->settings->model;
    size_t i;
    json_t *model;
    json_array_foreach(list, i, model)
    {
        if (is_model(member_text(model, "id"), wanted) || has_alias(model, wanted))
            return true;
    }
    return *wanted == '\0' || json_array_size(list) == 0;
}

// A key may be good for answers and not for lists.
static bool is_about_lists(const struct buf *body)
{
    static const char *const words[] = {"issing scope", "nsufficient permission"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (body->n > 0 && memmem(body->p, body->n, words[i], strlen(words[i])))
            return true;
    return false;
}

static enum finding judge(const struct probe *probe, const struct http_reply *reply)
{
    enum finding found = FINDING_REACHABLE;
    if (reply->end == HTTP_UNREACHABLE || reply->end == HTTP_BAD_URL || reply->end == HTTP_STALLED)
        return FINDING_UNREACHABLE;
    if (reply->status == 401 || reply->status == 403)
        return is_about_lists(&probe->body) ? FINDING_REACHABLE : FINDING_REFUSED;
    if (reply->end == HTTP_DONE && reply->status == 200) {
        json_t *document = repair_read(buf_view(&probe->body));
        if (!is_listed(probe, json_object_get(document, "data")))
            found = FINDING_UNKNOWN;
        json_decref(document);
    }
    return found;
}

static void log_finding(const struct probe *probe, const struct http_reply *reply)
{
    const char *model = probe->settings->model;
    switch (probe->found) {
    case FINDING_NONE:
    case FINDING_REACHABLE:
        log_info("the model's server answers model=%s status=%ld", *model != '\0' ? model : "its own choice",
                 reply->status);
        break;
    case FINDING_UNREACHABLE:
        log_warning("the model's server cannot be reached: check TRACE_MODEL_URL error=\"%s\"", reply->error);
        break;
    case FINDING_UNKNOWN:
        log_warning("the model's server does not list the model: check TRACE_MODEL model=%s", model);
        break;
    case FINDING_REFUSED:
        log_warning("the model's server does not accept the key: check TRACE_MODEL_KEY status=%ld", reply->status);
        break;
    }
}

static void telling_ended(void *arg, const struct http_reply *reply)
{
    struct probe *probe = arg;
    probe->transfer = NULL;
    if (reply->end == HTTP_DONE && reply->status == 204)
        probe->told = probe->found;
    probe->next_ms = clock_mono_ms() + (probe->told == FINDING_REACHABLE ? SELDOM_MS : AGAIN_MS);
}

static void tell(struct probe *probe)
{
    const struct settings *settings = probe->settings;
    struct buf url = {0}, authorization = {0}, body = {0};
    buf_printf(&url, "%s/api/workspaces/%s/model-status", settings->url, settings->workspace);
    buf_printf(&authorization, "Authorization: Bearer %s", settings->token);
    buf_printf(&body, "{\"status\":\"%s\"}", names[probe->found]);
    const char *const headers[] = {buf_cstr(&authorization), NULL};
    const struct http_request request = {.method = "PUT",
                                         .url = buf_cstr(&url),
                                         .headers = headers,
                                         .body = buf_cstr(&body),
                                         .body_len = body.n,
                                         .total_ms = TOTAL_MS,
                                         .max_bytes = LIST_MAX_BYTES,
                                         .arg = probe};
    probe->transfer = http_start(probe->http, &request, telling_ended);
    buf_fini(&url);
    buf_fini(&authorization);
    buf_fini(&body);
}

static void list_ended(void *arg, const struct http_reply *reply)
{
    struct probe *probe = arg;
    enum finding found = judge(probe, reply);
    bool is_news = found != probe->found;
    probe->transfer = NULL;
    probe->found = found;
    if (is_news)
        log_finding(probe, reply);
    if (probe->told != found)
        tell(probe);
    else
        probe->next_ms = clock_mono_ms() + (found == FINDING_REACHABLE ? SELDOM_MS : AGAIN_MS);
}

void probe_look(struct probe *probe)
{
    const struct settings *settings = probe->settings;
    const char *headers[EXCHANGE_HEADERS];
    struct buf url = {0}, lines = {0};
    if (probe->transfer || clock_mono_ms() < probe->next_ms)
        return;
    buf_clear(&probe->body);
    exchange_address(settings->model_url, "models", &url);
    exchange_headers(settings->model_headers, settings->model_key, &lines, headers);
    const struct http_request request = {.url = buf_cstr(&url),
                                         .headers = headers,
                                         .total_ms = TOTAL_MS,
                                         .max_bytes = LIST_MAX_BYTES,
                                         .ca_file = settings->model_ca,
                                         .decodes = true,
                                         .on_data = take_data,
                                         .arg = probe};
    probe->transfer = http_start(probe->http, &request, list_ended);
    buf_fini(&url);
    buf_fini(&lines);
}

struct probe *probe_new(struct http *http, const struct settings *settings)
{
    struct probe *probe = mem_zero(sizeof *probe);
    probe->http = http;
    probe->settings = settings;
    probe_look(probe);
    return probe;
}

void probe_free(struct probe *probe)
{
    if (!probe)
        return;
    http_cancel(probe->transfer);
    buf_fini(&probe->body);
    free(probe);
}
