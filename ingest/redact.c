// SPDX-License-Identifier: Apache-2.0
#include "ingest/redact.h"

// What keys begin with, and how long what follows has to be at least.
static const struct shape {
    struct str prefix;
    size_t least;
} shapes[] = {
    {{"sk-", 3}, 16},                        // OpenAI, Anthropic, Langfuse
    {{"lsv2_", 5}, 16},                      // LangSmith
    {{"Bearer ", 7}, 16},                    // any Authorization header
    {{"bearer ", 7}, 16}, {{"atk_", 4}, 16}, // our own tokens
};

static const struct str private_keys[] = {
    {"host.id", 7},
    {"organization.id", 15},
    {"process.command", 15},
    {"process.command_args", 20},
    {"process.command_line", 20},
    {"process.owner", 13},
    {"user.account_id", 15},
    {"user.account_uuid", 17},
    {"user.email", 10},
};

static const struct str private_prefixes[] = {{"LANGSMITH_", 10}, {"LANGCHAIN_", 10}};

static bool is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// How many bytes of a key stand at the beginning of `text`; 0: none. `before` is the character in front of it.
static size_t key_length(struct str text, char before)
{
    if (is_key_character(before))
        return 0;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (!str_starts(text, shapes[i].prefix))
            continue;
        size_t n = shapes[i].prefix.n;
        while (n < text.n && (is_key_character(text.p[n]) || text.p[n] == '.' || text.p[n] == '~'))
            n++;
        if (n - shapes[i].prefix.n >= shapes[i].least)
            return n;
    }
    return 0;
}

void redact_text(struct buf *out, struct str text)
{
    size_t clean = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c != 's' && c != 'l' && c != 'B' && c != 'b' && c != 'a')
            continue;
        size_t n = key_length(str_skip(text, i), i ? text.p[i - 1] : ' ');
        if (n == 0)
            continue;
        buf_bytes(out, text.p + clean, i - clean);
        buf_lit(out, "[redacted]");
        i += n - 1;
        clean = i + 1;
    }
    if (clean < text.n)
        buf_bytes(out, text.p + clean, text.n - clean);
}

bool redact_is_private(struct str key)
{
    for (size_t i = 0; i < sizeof private_keys / sizeof private_keys[0]; i++)
        if (str_eq(key, private_keys[i]))
            return true;
    for (size_t i = 0; i < sizeof private_prefixes / sizeof private_prefixes[0]; i++)
        if (str_starts(key, private_prefixes[i]))
            return true;
    return false;
}
