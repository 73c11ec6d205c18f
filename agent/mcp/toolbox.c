// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/toolbox.h"

#include <stdlib.h>

#include "agent/mask.h"
#include "agent/member.h"
#include "base/log.h"

#define TOOLS_MAX 128 // what model servers take
#define LOOK_MS 50    // how soon a list that somebody else asks for is found

struct toolbox {
    struct catalog *catalog;
    struct http *http;
    struct client *clients[SERVERS_MAX]; // NULL: not needed so far
    json_t *tools;
    json_t *troubles;
};

struct toolbox *toolbox_new(struct catalog *catalog, struct http *http)
{
    struct toolbox *toolbox = mem_zero(sizeof *toolbox);
    toolbox->catalog = catalog;
    toolbox->http = http;
    toolbox->tools = json_array();
    toolbox->troubles = json_array();
    return toolbox;
}

void toolbox_free(struct toolbox *toolbox)
{
    if (!toolbox)
        return;
    for (size_t i = 0; i < SERVERS_MAX; i++)
        client_free(toolbox->clients[i]);
    json_decref(toolbox->tools);
    json_decref(toolbox->troubles);
    free(toolbox);
}

static struct client *client_of(struct toolbox *toolbox, size_t i)
{
    if (!toolbox->clients[i])
        toolbox->clients[i] = client_new(toolbox->http, &catalog_servers(toolbox->catalog)->list[i]);
    return toolbox->clients[i];
}

// Names in the settings that the server does not know are mistakes that nobody else would find.
static void compare(const struct server *server, const json_t *tools)
{
    const json_t *name, *tool;
    size_t i, j;
    json_array_foreach(server->tools, i, name)
    {
        bool is_there = false;
        json_array_foreach(tools, j, tool)
        {
            is_there |= strcmp(member_text(tool, "tool"), json_string_value(name)) == 0;
        }
        if (!is_there)
            log_warning("a tool server has no tool of a name in TRACE_MCP_SERVERS server=%s tool=%.100s", server->name,
                        json_string_value(name));
    }
}

static void ask(struct toolbox *toolbox, size_t i)
{
    const struct server *server = &catalog_servers(toolbox->catalog)->list[i];
    char sentence[CLIENT_SENTENCE_MAX] = "";
    json_t *tools = json_array();
    switch (client_list(client_of(toolbox, i), tools, sentence)) {
    case CLIENT_DONE:
        log_info("a tool server answers server=%s tools=%zu", server->name, json_array_size(tools));
        compare(server, tools);
        catalog_put(toolbox->catalog, i, tools, "");
        return;
    case CLIENT_FAILED: {
        char *masked = mask_string(sentence);
        log_warning("the tools of a server are not known server=%s reason=\"%s\"", server->name, masked);
        catalog_put(toolbox->catalog, i, NULL, masked);
        free(masked);
        break;
    }
    case CLIENT_STOPPED:
        catalog_put(toolbox->catalog, i, NULL, "");
        break;
    }
    json_decref(tools);
}

static void take(struct toolbox *toolbox, size_t i)
{
    char sentence[CLIENT_SENTENCE_MAX];
    json_t *tools = catalog_tools(toolbox->catalog, i, sentence), *tool;
    size_t j;
    json_array_foreach(tools, j, tool)
    {
        json_object_set_new(tool, "place", json_integer((json_int_t)i));
        if (json_array_size(toolbox->tools) < TOOLS_MAX)
            json_array_append(toolbox->tools, tool);
    }
    if (sentence[0] != '\0')
        json_array_append_new(
            toolbox->troubles,
            json_pack("{s:s, s:s}", "server", catalog_servers(toolbox->catalog)->list[i].name, "sentence", sentence));
    json_decref(tools);
}

void toolbox_fill(struct toolbox *toolbox)
{
    size_t count = toolbox->catalog ? catalog_servers(toolbox->catalog)->count : 0;
    for (size_t i = 0; i < count; i++) {
        enum catalog_state state;
        while ((state = catalog_look(toolbox->catalog, i)) == CATALOG_IN_HAND && !http_is_aborted(toolbox->http))
            http_pause(toolbox->http, LOOK_MS);
        if (state == CATALOG_DUE)
            ask(toolbox, i);
        take(toolbox, i);
    }
}

const json_t *toolbox_tools(const struct toolbox *toolbox)
{
    return toolbox->tools;
}

const json_t *toolbox_find(const struct toolbox *toolbox, const char *name)
{
    const json_t *tool;
    size_t i;
    json_array_foreach(toolbox->tools, i, tool)
    {
        if (strcmp(member_text(tool, "name"), name) == 0)
            return tool;
    }
    return NULL;
}

const json_t *toolbox_troubles(const struct toolbox *toolbox)
{
    return toolbox->troubles;
}

enum client_end toolbox_call(struct toolbox *toolbox, const json_t *tool, json_t *arguments,
                             void (*on_progress)(void *arg, const char *text), void *arg, struct outcome *outcome,
                             char sentence[CLIENT_SENTENCE_MAX])
{
    size_t i = (size_t)json_integer_value(json_object_get(tool, "place"));
    struct client *client = client_of(toolbox, i);
    enum client_end end =
        client_call(client, member_text(tool, "tool"), arguments, on_progress, arg, outcome, sentence);
    if (client_has_changed(client))
        catalog_spoil(toolbox->catalog, i);
    return end;
}
