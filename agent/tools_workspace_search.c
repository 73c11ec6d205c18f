/*
 * workspace_search: full text over the workspace's messages. Always asked with `forStream`: only what every reader of
 * the session's conversation may read is found, since the trace and the answer show it to all of them.
 */
#include "agent/tools.h"

#include <string.h>

#define HITS "8"

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

/* Where a message stands, in words; a thread bears the name of what it hangs on. */
static const char *place_of(const json_t *stream)
{
    const char *type = string_of(stream, "type");

    return strcmp(type, "channel") == 0 ? "#" : strcmp(type, "thread") == 0 ? "a thread of #" : "";
}

static json_t *message_source(const json_t *message, const json_t *stream, const char *snippet)
{
    struct text title = {0};
    const char *author = string_of(json_object_get(message, "author"), "name");
    json_t *source;

    text_addf(&title, "%s in %s%s", author, place_of(stream), string_of(stream, "name"));
    source =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "message", "title", title.p, "snippet", snippet,
                  "streamId", string_of(stream, "id"), "streamName", string_of(stream, "name"), "messageId",
                  string_of(message, "id"), "authorName", author, "timestamp", string_of(message, "createdAt"));
    text_fini(&title);
    return source;
}

static void add_hit(const struct tools_scene *scene, const json_t *hit, struct tools_result *result)
{
    const json_t *message = json_object_get(hit, "message"), *stream = json_object_get(hit, "stream");
    const char *at = string_of(message, "createdAt"); /* RFC 3339 */
    json_t *source = message_source(message, stream, string_of(hit, "snippet"));

    json_array_append(result->sources, source);
    text_addf(&result->output, "\n[%zu] %s, %.10s %.5s\nlink: /w/%s/s/%s?m=%s\ntext: %s\n",
              json_array_size(result->sources), string_of(source, "title"), at, strlen(at) > 16 ? at + 11 : "",
              scene->rest->workspace, string_of(stream, "id"), string_of(message, "id"), string_of(message, "content"));
    json_decref(source);
}

/* The question is no answer to itself, and what the persona once said is no source for what it says now. */
static bool is_own(const struct tools_scene *scene, const json_t *message)
{
    return strcmp(string_of(message, "id"), scene->trigger_id) == 0 ||
           strcmp(string_of(json_object_get(message, "author"), "id"), scene->config->persona) == 0;
}

static void take_hits(const struct tools_scene *scene, const char *query, const json_t *hits,
                      struct tools_result *result)
{
    size_t i, found;
    json_t *hit;

    result->sources = json_array();
    json_array_foreach(hits, i, hit)
    {
        if (!is_own(scene, json_object_get(hit, "message")))
            add_hit(scene, hit, result);
    }
    found = json_array_size(result->sources);
    result->content = json_pack("{s:s, s:I}", "query", query, "resultCount", (json_int_t)found);
    if (found == 0)
        text_addf(&result->output, "No messages were found for \"%s\".", query);
}

static void run(const struct tools_scene *scene, const char *query, struct tools_result *result)
{
    struct text path = {0};
    json_t *reply = NULL;

    text_adds(&path, "search?limit=" HITS "&forStream=");
    text_add_encoded(&path, scene->stream_id);
    text_adds(&path, "&q=");
    text_add_encoded(&path, query);
    if (rest_get(scene->rest, path.p, &reply) == REST_OK)
        take_hits(scene, query, json_object_get(reply, "hits"), result);
    else
        tools_fail(result, "search_failed", "The search in the workspace did not work.");
    text_fini(&path);
    json_decref(reply);
}

const struct tool tools_workspace_search = {
    .name = "workspace_search",
    .step_type = "workspace_search",
    .description =
        "Searches the messages of this workspace by words. Finds what was said, decided or linked by its people.",
    .argument = "query",
    .argument_description = "A few words that the messages contain; fewer words find more.",
    .run = run,
};
