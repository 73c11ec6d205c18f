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

static json_t *message_source(const json_t *message, const json_t *stream, const char *snippet)
{
    struct text title = {0};
    const char *author = string_of(json_object_get(message, "author"), "name");
    json_t *source;

    text_addf(&title, "%s in %s%s", author, strcmp(string_of(stream, "type"), "channel") == 0 ? "#" : "",
              string_of(stream, "name"));
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
    json_t *source = message_source(message, stream, string_of(hit, "snippet"));

    json_array_append(result->sources, source);
    text_addf(&result->output, "\n[%zu] %s, %s\nlink: /w/%s/s/%s?m=%s\ntext: %s\n", json_array_size(result->sources),
              string_of(source, "title"), string_of(message, "createdAt"), scene->rest->workspace,
              string_of(stream, "id"), string_of(message, "id"), string_of(message, "content"));
    json_decref(source);
}

static void run(const struct tools_scene *scene, const char *query, struct tools_result *result)
{
    struct text path = {0};
    json_t *reply = NULL, *hit;
    size_t i, count;

    text_adds(&path, "search?limit=" HITS "&forStream=");
    text_add_encoded(&path, scene->stream_id);
    text_adds(&path, "&q=");
    text_add_encoded(&path, query);
    if (rest_get(scene->rest, path.p, &reply) != REST_OK) {
        tools_fail(result, "search_failed", "The search in the workspace did not work.");
        goto out;
    }
    count = json_array_size(json_object_get(reply, "hits"));
    result->sources = json_array();
    result->content = json_pack("{s:s, s:I}", "query", query, "resultCount", (json_int_t)count);
    text_addf(&result->output, "%zu %s found for \"%s\".\n", count, count == 1 ? "message" : "messages", query);
    json_array_foreach(json_object_get(reply, "hits"), i, hit) add_hit(scene, hit, result);
out:
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
