/*
 * web_search: any search engine with SearXNG's JSON interface (`?q=…&format=json`), named by the operator. Only its
 * results are told to the model; to read a page it uses visit_page.
 */
#include "agent/tools.h"

#include <string.h>

#include "agent/sources.h"

#define HITS 8
#define REQUEST_MS 15000L
#define REPLY_MAX (4u << 20)

static bool is_offered(const struct config *config)
{
    return config->search_url[0] != '\0';
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

static void add_hit(const json_t *hit, struct tools_result *result)
{
    const char *title = string_of(hit, "title"), *url = string_of(hit, "url"), *snippet = string_of(hit, "content");
    json_t *source = sources_web(title, url, snippet);

    if (source == NULL)
        return;
    json_array_append_new(result->sources, source);
    text_addf(&result->output, "\n[%zu] %s\nlink: %s\ntext: %s\n", json_array_size(result->sources), title, url,
              snippet);
}

static void take_reply(const char *query, const json_t *reply, struct tools_result *result)
{
    const json_t *hits = json_object_get(reply, "results");
    size_t i;
    json_t *hit;

    if (!json_is_array(hits)) {
        tools_fail(result, "search_failed", "The web search answered something that is not a list of results.");
        return;
    }
    result->sources = json_array();
    json_array_foreach(hits, i, hit)
    {
        if (json_array_size(result->sources) >= HITS)
            break;
        add_hit(hit, result);
    }
    result->content =
        json_pack("{s:s, s:I}", "query", query, "resultCount", (json_int_t)json_array_size(result->sources));
    if (json_array_size(result->sources) == 0)
        text_addf(&result->output, "Nothing was found for \"%s\".", query);
}

static void run(const struct tools_scene *scene, const char *query, struct tools_result *result)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    const char *base = scene->config->search_url;
    struct text url = {0}, body = {0};
    struct http_reply reply;
    json_t *parsed;

    text_addf(&url, "%s%sformat=json&q=", base, strchr(base, '?') != NULL ? "&" : "?");
    text_add_encoded(&url, query);
    const struct http_request request = {
        .url = url.p, .headers = headers, .total_ms = REQUEST_MS, .max_bytes = REPLY_MAX};
    http_fetch(scene->rest->http, &request, &reply, &body);
    if (reply.end != HTTP_DONE || reply.status != 200) {
        tools_fail(result, "search_failed", "The web search did not work (%s).",
                   reply.end == HTTP_DONE ? "refused" : "not reachable");
    } else {
        parsed = json_loadb(text_string(&body), body.n, 0, NULL);
        take_reply(query, parsed, result);
        json_decref(parsed);
    }
    http_reply_fini(&reply);
    text_fini(&url);
    text_fini(&body);
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
