// SPDX-License-Identifier: Apache-2.0
// workspace_search: a full-text search over the workspace's messages. It always asks with `forStream`, so it finds only
// what every reader of the session's conversation may read, since the trace and the answer show it to all of them.
#include "agent/tools.h"
#include "agent/percent.h"
#include "base/buf.h"
#include "agent/member.h"

#include <string.h>

#define HITS "8"

// Says in words where a message stands; a thread bears the name of its channel.
static const char *place_of(const json_t *stream)
{
    const char *type = member_text(stream, "type");
    return strcmp(type, "channel") == 0 ? "#" : strcmp(type, "thread") == 0 ? "a thread of #" : "";
}

static json_t *message_source(const json_t *message, const json_t *stream, const char *snippet)
{
    struct buf title = {0};
    const char *author = member_text(json_object_get(message, "author"), "name");
    buf_printf(&title, "%s in %s%s", author, place_of(stream), member_text(stream, "name"));
    json_t *source;
    source = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "message", "title", buf_cstr(&title),
                       "snippet", snippet, "streamId", member_text(stream, "id"), "streamName",
                       member_text(stream, "name"), "messageId", member_text(message, "id"), "authorName", author,
                       "timestamp", member_text(message, "createdAt"));
    buf_fini(&title);
    return source;
}

static void add_hit(const struct tools_scene *scene, const json_t *hit, struct tools_result *result)
{
    const json_t *message = json_object_get(hit, "message"), *stream = json_object_get(hit, "stream");
    const char *at = member_text(message, "createdAt"); // RFC 3339
    json_t *source = message_source(message, stream, member_text(hit, "snippet"));
    json_array_append(result->sources, source);
    buf_printf(&result->output, "\n[%zu] %s, %.10s %.5s\nlink: /w/%s/s/%s?m=%s\ntext: %s\n",
               json_array_size(result->sources), member_text(source, "title"), at, strlen(at) > 16 ? at + 11 : "",
               scene->rest->workspace, member_text(stream, "id"), member_text(message, "id"),
               member_text(message, "content"));
    json_decref(source);
}

// The question does not answer itself, and what the persona once said is not a source for what it says now.
static bool is_own(const struct tools_scene *scene, const json_t *message)
{
    return strcmp(member_text(message, "id"), scene->trigger_id) == 0 ||
           strcmp(member_text(json_object_get(message, "author"), "id"), scene->settings->persona) == 0;
}

static void take_hits(const struct tools_scene *scene, const char *query, const json_t *hits,
                      struct tools_result *result)
{
    result->sources = json_array();
    size_t i;
    json_t *hit;
    json_array_foreach(hits, i, hit)
    {
        if (!is_own(scene, json_object_get(hit, "message")))
            add_hit(scene, hit, result);
    }
    size_t found = json_array_size(result->sources);
    result->content = json_pack("{s:s, s:I}", "query", query, "resultCount", (json_int_t)found);
    if (found == 0)
        buf_printf(&result->output, "No messages were found for \"%s\".", query);
}

static void run(const struct tools_scene *scene, const char *query, struct tools_result *result)
{
    struct buf path = {0};
    json_t *reply = NULL;
    buf_str(&path, str_from("search?limit=" HITS "&forStream="));
    percent_add(&path, scene->stream_id);
    buf_lit(&path, "&q=");
    percent_add(&path, query);
    if (rest_get(scene->rest, buf_cstr(&path), &reply) == REST_OK)
        take_hits(scene, query, json_object_get(reply, "hits"), result);
    else
        tools_fail(result, "search_failed", "The search in the workspace did not work.");
    buf_fini(&path);
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
