// SPDX-License-Identifier: Apache-2.0
// web_search: asks any search engine with SearXNG's JSON interface (`?q=…&format=json`) that the operator names. The
// model is told only the results; to read a page it uses visit_page.
#include "agent/tools.h"

#include <string.h>

#include "agent/sources.h"
#include "agent/percent.h"
#include "base/buf.h"
#include "agent/member.h"
#include "agent/model/repair.h"

#define HITS 8
#define REQUEST_MS 15000L
#define REPLY_MAX (4u << 20)

static bool is_offered(const struct settings *settings)
{
    return settings->search_url[0] != '\0';
}

static void add_hit(const json_t *hit, struct tools_result *result)
{
    const char *title = member_text(hit, "title"), *url = member_text(hit, "url"),
               *snippet = member_text(hit, "content");
    json_t *source = sources_web(title, url, snippet);
    if (!source)
        return;
    json_array_append_new(result->sources, source);
    buf_printf(&result->output, "\n[%zu] %s\nlink: %s\ntext: %s\n", json_array_size(result->sources), title, url,
               snippet);
}

static void take_reply(const char *query, const json_t *reply, struct tools_result *result)
{
    const json_t *hits = json_object_get(reply, "results");
    if (!json_is_array(hits)) {
        tools_fail(result, "search_failed", "The web search answered something that is not a list of results.");
        return;
    }
    result->sources = json_array();
    size_t i;
    json_t *hit;
    json_array_foreach(hits, i, hit)
    {
        if (json_array_size(result->sources) >= HITS)
            break;
        add_hit(hit, result);
    }
    result->content =
        json_pack("{s:s, s:I}", "query", query, "resultCount", (json_int_t)json_array_size(result->sources));
    if (json_array_size(result->sources) == 0)
        buf_printf(&result->output, "Nothing was found for \"%s\".", query);
}

static void run(const struct tools_scene *scene, const char *query, struct tools_result *result)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    const char *base = scene->settings->search_url;
    struct buf url = {0}, body = {0};
    buf_printf(&url, "%s%sformat=json&q=", base, strchr(base, '?') ? "&" : "?");
    percent_add(&url, query);
    const struct http_request request = {
        .url = buf_cstr(&url), .headers = headers, .total_ms = REQUEST_MS, .max_bytes = REPLY_MAX};
    struct http_reply reply;
    http_fetch(scene->rest->http, &request, &reply, &body);
    json_t *parsed;
    if (reply.end != HTTP_DONE || reply.status != 200) {
        tools_fail(result, "search_failed", "The web search did not work (%s).",
                   reply.end == HTTP_DONE ? "refused" : "not reachable");
    } else {
        parsed = repair_read(buf_view(&body));
        take_reply(query, parsed, result);
        json_decref(parsed);
    }
    http_reply_fini(&reply);
    buf_fini(&url);
    buf_fini(&body);
}

const struct tool tools_web_search = {
    .name = "web_search",
    .step_type = "web_search",
    .description = "Searches the web. Gives titles, addresses and short excerpts; visit_page reads a page whole.",
    .argument = "query",
    .argument_description = "What to search for.",
    .is_offered = is_offered,
    .run = run,
};
