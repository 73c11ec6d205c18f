// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/servers.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S 60
#define ASK_TIMEOUT_S 600
#define TIMEOUT_MAX_S 3600
#define WORDS_MAX 256 // in one list

// One member of a server: how it is read, and where it goes. False if it has not the right form.
struct field {
    const char *name;
    bool (*read)(const json_t *value, struct server *server, const struct field *field);
    size_t offset;
    const char *form;
};

static bool is_word(const char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            return false;
    return true;
}

static void *place_of(struct server *server, const struct field *field)
{
    return (char *)server + field->offset;
}

static void add_word(char ***list, size_t n, struct buf *word)
{
    *list = mem_grow(*list, (n + 2) * sizeof **list);
    (*list)[n] = buf_take(word);
    (*list)[n + 1] = NULL;
}

static bool read_url(const json_t *value, struct server *server, const struct field *field)
{
    const char *text = json_string_value(value);
    char **place = place_of(server, field);
    if (!text || !is_word(text) || (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0))
        return false;
    *place = mem_dup(str_from(text));
    return true;
}

static size_t length(char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

// A string, or an array of them, behind what is there already. The words of `paths` are absolute.
static bool add_words(const json_t *value, char ***list, bool are_paths)
{
    json_t *one = json_is_string(value) ? json_pack("[O]", value) : NULL;
    const json_t *words = one ? one : value, *word;
    size_t i;
    bool is_good = json_is_array(words) && json_array_size(words) < WORDS_MAX;
    json_array_foreach(words, i, word)
    {
        const char *text = json_string_value(word);
        is_good = is_good && text && is_word(text) && (!are_paths || text[0] == '/');
        if (!is_good)
            break;
        struct buf copy = {0};
        buf_str(&copy, str_from(text));
        add_word(list, length(*list), &copy);
    }
    json_decref(one);
    return is_good;
}

static bool read_words(const json_t *value, struct server *server, const struct field *field)
{
    return add_words(value, place_of(server, field), false);
}

static bool read_paths(const json_t *value, struct server *server, const struct field *field)
{
    return add_words(value, place_of(server, field), true);
}

// Pairs, printed with what stands between name and value in that list.
static bool read_pairs(const json_t *object, struct server *server, const struct field *field)
{
    const char *between = field->offset == offsetof(struct server, headers) ? ": " : "=", *name;
    json_t *value;
    char ***list = place_of(server, field);
    if (!json_is_object(object) || json_object_size(object) >= WORDS_MAX)
        return false;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const char *text = json_string_value(value);
        if (*name == '\0' || strpbrk(name, ":= ") || !is_word(name) || !text || !is_word(text))
            return false;
        struct buf pair = {0};
        buf_printf(&pair, "%s%s%s", name, between, text);
        add_word(list, length(*list), &pair);
    }
    return true;
}

static bool read_names(const json_t *value, struct server *server, const struct field *field)
{
    json_t **place = place_of(server, field);
    const json_t *name;
    size_t i;
    json_array_foreach(value, i, name)
    {
        if (!json_is_string(name))
            return false;
    }
    *place = json_deep_copy(value);
    return json_is_array(value) || (json_is_true(value) && field->offset == offsetof(struct server, asks));
}

static bool read_timeout(const json_t *value, struct server *server, const struct field *field)
{
    int64_t *place = place_of(server, field);
    *place = json_integer_value(value);
    return *place >= 1 && *place <= TIMEOUT_MAX_S;
}

// Which of the two kinds a server is follows from its other members.
static bool read_type(const json_t *value, struct server *server, const struct field *field)
{
    static const char *const types[] = {"stdio", "http", "streamable-http", "streamableHttp"};
    (void)server;
    (void)field;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (json_is_string(value) && strcmp(json_string_value(value), types[i]) == 0)
            return true;
    return false;
}

#define AT(member) offsetof(struct server, member)

// The command stands before its arguments, in whatever order the file has them.
static const struct field fields[] = {
    {"type", read_type, 0, "must be stdio or http; the older transport sse is not spoken"},
    {"url", read_url, AT(url), "must be an address that begins with http:// or https://"},
    {"headers", read_pairs, AT(headers), "must be an object of strings"},
    {"command", read_words, AT(command), "must be a string or an array of strings"},
    {"args", read_words, AT(command), "must be an array of strings"},
    {"env", read_pairs, AT(environment), "must be an object of strings"},
    {"reads", read_paths, AT(reads), "must be an array of absolute paths"},
    {"writes", read_paths, AT(writes), "must be an array of absolute paths"},
    {"tools", read_names, AT(tools), "must be an array of names"},
    {"ask", read_names, AT(asks), "must be an array of names, or true"},
    {"askTimeout", read_timeout, AT(ask_timeout_s), "must be a number of seconds from 1 to 3600"},
    {"timeout", read_timeout, AT(timeout_s), "must be a number of seconds from 1 to 3600"},
};
#define FIELDS (sizeof fields / sizeof fields[0])

static bool is_name(const char *name)
{
    assert(name); // a member has one
    size_t n = strlen(name);
    if (n == 0 || n > SERVERS_NAME_MAX || strstr(name, "__") || name[n - 1] == '_')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && (i == 0 || !strchr("_-", name[i])))
            return false;
    return true;
}

static int refuse(struct buf *reason, const char *server, const char *member, const char *what)
{
    buf_printf(reason, "server \"%.60s\"%s%.60s: %s", server, *member != '\0' ? ", " : "", member, what);
    return -1;
}

static int read_server(const char *name, const json_t *object, struct server *server, struct buf *reason)
{
    size_t known = 0;
    server->name = mem_dup(str_from(name));
    server->timeout_s = TIMEOUT_S;
    server->ask_timeout_s = ASK_TIMEOUT_S;
    if (!is_name(name))
        return refuse(reason, name, "", "a name has at most 24 letters, digits, '-' and single '_'");
    if (!json_is_object(object))
        return refuse(reason, name, "", "must be an object");
    for (size_t i = 0; i < FIELDS; i++) {
        const json_t *value = json_object_get(object, fields[i].name);
        known += value != NULL;
        if (value && !fields[i].read(value, server, &fields[i]))
            return refuse(reason, name, fields[i].name, fields[i].form);
    }
    if (known < json_object_size(object))
        return refuse(
            reason, name, "",
            "known are type, url, headers, command, args, env, reads, writes, tools, ask, askTimeout, timeout");
    if (!server->url == !server->command)
        return refuse(reason, name, "", "needs either a url or a command");
    return server->command && (!json_object_get(object, "command") || server->command[0][0] == '\0')
               ? refuse(reason, name, "command", "is missing")
               : 0;
}

int servers_read(struct servers *servers, const char *json, struct buf *reason)
{
    json_error_t error;
    json_t *document = json_loads(json, JSON_REJECT_DUPLICATES, &error), *object;
    const json_t *list = json_object_get(document, "mcpServers");
    const char *name;
    int result = 0;
    *servers = (struct servers){0};
    if (!document) {
        buf_printf(reason, "line %d: %s", error.line, error.text);
        result = -1;
    } else if (!json_is_object(list) || json_object_size(list) > SERVERS_MAX) {
        buf_printf(reason, "must be an object with the member mcpServers, of at most %d servers", SERVERS_MAX);
        result = -1;
    }
    json_object_foreach((json_t *)(uintptr_t)list, name, object)
    {
        if (result == 0)
            result = read_server(name, object, &servers->list[servers->count++], reason);
    }
    json_decref(document);
    if (result != 0)
        servers_fini(servers);
    return result;
}

static void free_words(char **list)
{
    for (char **word = list; word && *word; word++)
        free(*word);
    free(list);
}

void servers_fini(struct servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        struct server *server = &servers->list[i];
        free(server->name);
        free(server->url);
        free_words(server->headers);
        free_words(server->command);
        free_words(server->environment);
        free_words(server->reads);
        free_words(server->writes);
        json_decref(server->tools);
        json_decref(server->asks);
    }
    *servers = (struct servers){0};
}

static bool is_among(const json_t *names, const char *name)
{
    const json_t *member;
    size_t i;
    json_array_foreach(names, i, member)
    {
        if (strcmp(json_string_value(member), name) == 0)
            return true;
    }
    return false;
}

bool server_offers(const struct server *server, const char *tool)
{
    return !server->tools || is_among(server->tools, tool);
}

bool server_asks(const struct server *server, const char *tool)
{
    return json_is_true(server->asks) || is_among(server->asks, tool);
}
