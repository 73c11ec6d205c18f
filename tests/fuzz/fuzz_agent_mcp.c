// SPDX-License-Identifier: Apache-2.0
// What an MCP server writes, line by line, cut where the first byte says: lists of tools, results, progress, requests.
// Whatever comes, the names can be offered to a model, and what is shown and told is bounded and may be sent as JSON.
// A line may also be the settings of servers.
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/mcp/lines.h"
#include "agent/mcp/listing.h"
#include "agent/mcp/message.h"
#include "agent/mcp/outcome.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

struct seen {
    json_t *tools;
    size_t lines, bytes;
};

static const struct server server = {.name = (char *)(uintptr_t) "odd", .timeout_s = 1};

static void check_names(const json_t *tools)
{
    const json_t *tool;
    size_t i;
    assert(json_array_size(tools) <= LISTING_TOOLS_MAX);
    json_array_foreach(tools, i, tool)
    {
        const char *name = json_string_value(json_object_get(tool, "name"));
        assert(strncmp(name, "odd__", 5) == 0 && strlen(name) <= 64);
        for (; *name != '\0'; name++)
            assert(isalnum((unsigned char)*name) || *name == '_' || *name == '-');
        json_t *described = listing_describe(tool);
        assert(described);
        json_decref(described);
    }
}

static void check_outcome(const json_t *result)
{
    struct outcome outcome = {0};
    struct buf progress = {0};
    outcome_read(&outcome, result);
    assert(outcome.output.n > 0 && outcome.output.n <= 70000 && utf8_valid(buf_view(&outcome.output)));
    assert(json_array_size(outcome.sources) <= 64);
    (void)outcome_progress(result, 1, &progress);
    assert(utf8_valid(buf_view(&progress)) && progress.n < 2000);
    outcome_fini(&outcome);
    buf_fini(&progress);
}

static void take(void *arg, struct str line)
{
    struct seen *seen = arg;
    struct message message;
    struct buf answer = {0};
    message_read(&message, line);
    seen->lines++;
    seen->bytes += line.n;
    if (message.kind == MESSAGE_REQUEST) {
        message_answer(&answer, &message);
        assert(utf8_valid(buf_view(&answer)));
    }
    assert(message.kind == MESSAGE_GARBAGE || message.kind == MESSAGE_NOTIFICATION || message.body ||
           message.kind == MESSAGE_REQUEST);
    if (message.body) {
        (void)listing_add(seen->tools, &server, message.body);
        check_outcome(message.body);
    }
    buf_fini(&answer);
    message_fini(&message);
}

static void read_settings(struct str line)
{
    struct servers servers;
    struct buf reason = {0}, text = {0};
    buf_str(&text, line);
    int result = servers_read(&servers, buf_cstr(&text), &reason);
    assert(result == 0 ? servers.count <= SERVERS_MAX : servers.count == 0 && reason.n > 0);
    for (size_t i = 0; i < servers.count; i++)
        assert(!servers.list[i].url == (servers.list[i].command != NULL));
    servers_fini(&servers);
    buf_fini(&reason);
    buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = {.tools = json_array()}, cut = {.tools = json_array()};
    struct lines at_once = {0}, in_parts = {0};
    if (size >= 2) {
        struct str bytes = {(const char *)data + 1, size - 1};
        size_t step = (size_t)data[0] % 7 + 1;
        assert(lines_feed(&at_once, bytes, 16384, take, &whole) == 0);
        for (size_t at = 0; at < bytes.n; at += step)
            assert(lines_feed(&in_parts, (struct str){bytes.p + at, bytes.n - at < step ? bytes.n - at : step}, 16384,
                              take, &cut) == 0);
        assert(whole.lines == cut.lines && whole.bytes == cut.bytes && json_equal(whole.tools, cut.tools));
        check_names(whole.tools);
        read_settings(bytes);
    }
    buf_fini(&at_once.rest);
    buf_fini(&in_parts.rest);
    json_decref(whole.tools);
    json_decref(cut.tools);
    return 0;
}
