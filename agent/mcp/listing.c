// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/listing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/member.h"
#include "base/hash.h"
#include "base/utf8.h"

#define NAME_MAX_BYTES 64 // what model servers take
#define TOOL_NAME_MAX_BYTES 256
#define DESCRIPTION_CHARACTERS 1024
#define PARAMETERS_MAX_BYTES 16384

static bool has_name(const json_t *list, const char *name)
{
    const json_t *tool;
    size_t i;
    json_array_foreach(list, i, tool)
    {
        if (strcmp(member_text(tool, "name"), name) == 0)
            return true;
    }
    return false;
}

// Letters, digits, '_' and '-'. Where something had to be changed, a hash keeps names apart that differ in it.
static void offered_name(const struct server *server, const char *tool, struct buf *name)
{
    bool is_changed = false;
    buf_printf(name, "%s__", server->name);
    for (const char *c = tool; *c != '\0'; c++) {
        bool fits = isalnum((unsigned char)*c) || *c == '_' || *c == '-';
        buf_char(name, fits ? *c : '_');
        is_changed |= !fits;
    }
    if (is_changed || name->n > NAME_MAX_BYTES) {
        name->n = name->n < NAME_MAX_BYTES - 9 ? name->n : NAME_MAX_BYTES - 9;
        buf_printf(name, "_%08x", hash_32(str_from(tool)));
    }
}

static json_t *description_of(const json_t *tool)
{
    const char *title = member_text(tool, "title"), *text = member_text(tool, "description");
    struct buf whole = {0};
    buf_str(&whole, str_from(title));
    if (*title != '\0' && *text != '\0')
        buf_lit(&whole, ": ");
    buf_str(&whole, str_from(text));
    struct str first = utf8_first(buf_view(&whole), DESCRIPTION_CHARACTERS);
    json_t *string = json_stringn(first.n > 0 ? first.p : "", first.n);
    buf_fini(&whole);
    return string;
}

// A schema of an object, or NULL if it is too long to be told.
static json_t *parameters_of(const json_t *tool)
{
    const json_t *schema = json_object_get(tool, "inputSchema");
    if (!json_is_object(schema))
        return json_pack("{s:s, s:{}}", "type", "object", "properties");
    if (json_dumpb(schema, NULL, 0, JSON_COMPACT) > PARAMETERS_MAX_BYTES)
        return NULL;
    json_t *copy = json_deep_copy(schema);
    json_object_set_new(copy, "type", json_string("object"));
    (void)json_object_del(copy, "$schema");
    if (!json_is_object(json_object_get(copy, "properties")))
        json_object_set_new(copy, "properties", json_object());
    return copy;
}

size_t listing_add(json_t *list, const struct server *server, const json_t *page)
{
    const json_t *tool;
    size_t i, left_out = 0;
    json_array_foreach(json_object_get(page, "tools"), i, tool)
    {
        const char *own = member_text(tool, "name");
        struct buf name = {0};
        json_t *parameters = NULL;
        if (*own != '\0' && !server_offers(server, own))
            continue;
        offered_name(server, own, &name);
        if (*own == '\0' || strlen(own) > TOOL_NAME_MAX_BYTES || has_name(list, buf_cstr(&name)) ||
            json_array_size(list) >= LISTING_TOOLS_MAX || !(parameters = parameters_of(tool))) {
            left_out++;
        } else {
            bool reads_only = json_is_true(json_object_get(json_object_get(tool, "annotations"), "readOnlyHint"));
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:I, s:b}", "name", buf_cstr(&name),
                                            "server", server->name, "tool", own, "description", description_of(tool),
                                            "parameters", parameters, "asks", server_asks(server, own), "askSeconds",
                                            (json_int_t)server->ask_timeout_s, "readOnly", reads_only));
        }
        buf_fini(&name);
    }
    return left_out;
}

json_t *listing_describe(const json_t *tool)
{
    return json_pack("{s:s, s:{s:O, s:O, s:O}}", "type", "function", "function", "name", json_object_get(tool, "name"),
                     "description", json_object_get(tool, "description"), "parameters",
                     json_object_get(tool, "parameters"));
}
