// SPDX-License-Identifier: Apache-2.0
#include "agent/model/parts.h"

#include <stdbool.h>

#include "agent/member.h"
#include "agent/sources.h"

#define CITATIONS_DEPTH_MAX 2 // of lists in lists

static void add(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        buf_bytes(out, json_string_value(value), json_string_length(value));
}

// A string, or parts of text.
static void add_texts(struct buf *out, const json_t *value)
{
    size_t i;
    json_t *part;
    add(out, value);
    add(out, json_object_get(value, "value")); // {"type": "text", "text": {"value": …}}
    json_array_foreach(value, i, part)
    {
        add_texts(out, json_is_object(part) ? json_object_get(part, "text") : part);
    }
}

enum part_kind { PART_TEXT, PART_THOUGHT, PART_REFUSAL, PART_HIDDEN };

// What a part's type means, and which of its members has the text.
static const struct part {
    const char *type;
    enum part_kind kind;
    const char *member;
} kinds[] = {
    {"text", PART_TEXT, "text"},
    {"output_text", PART_TEXT, "text"},
    {"thinking", PART_THOUGHT, "thinking"},
    {"reasoning", PART_THOUGHT, "text"},
    {"thought", PART_THOUGHT, "text"},
    {"summary_text", PART_THOUGHT, "text"},
    {"refusal", PART_REFUSAL, "refusal"},
    {"redacted_thinking", PART_HIDDEN, "data"},
};

static const struct part *kind_of(const json_t *part)
{
    const char *type = member_text(part, "type");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return json_is_string(json_object_get(part, "text")) ? &kinds[0] : NULL;
}

void parts_read(const json_t *content, struct buf *text, struct buf *thought, struct buf *refusal, json_t **kept,
                json_t **annotations)
{
    size_t i;
    json_t *part;
    struct buf *const out[] = {
        [PART_TEXT] = text, [PART_THOUGHT] = thought, [PART_REFUSAL] = refusal, [PART_HIDDEN] = NULL};
    if (json_is_object(content)) { // one part without its list
        json_t *list = json_pack("[o]", json_deep_copy(content));
        parts_read(list, text, thought, refusal, kept, annotations);
        json_decref(list);
        return;
    }
    add(text, content);
    json_array_foreach(content, i, part)
    {
        const struct part *kind = kind_of(part);
        if (json_is_array(json_object_get(part, "annotations"))) {
            if (!*annotations)
                *annotations = json_array();
            json_array_extend(*annotations, json_object_get(part, "annotations"));
        }
        if (json_is_string(part))
            add(text, part);
        if (kind && out[kind->kind])
            add_texts(out[kind->kind], json_object_get(part, kind->member));
        if (kind && (kind->kind == PART_THOUGHT || kind->kind == PART_HIDDEN)) {
            if (!*kept)
                *kept = json_array();
            json_array_append(*kept, part);
        }
    }
}

static void add_details(struct buf *out, const json_t *details)
{
    static const char *const members[] = {"text", "summary", "content", "thinking"};
    size_t i;
    json_t *detail;
    json_array_foreach(details, i, detail)
    {
        for (size_t m = 0; m < sizeof members / sizeof members[0]; m++)
            add_texts(out, json_object_get(detail, members[m]));
    }
}

void parts_reasoning(const json_t *message, struct buf *thought)
{
    static const char *const members[] = {"reasoning_content", "reasoning", "thinking", "reasoning_text", "thought"};
    size_t had = thought->n;
    // A server that sends it under two names sends the same text in them.
    for (size_t i = 0; i < sizeof members / sizeof members[0] && thought->n == had; i++) {
        const json_t *value = json_object_get(message, members[i]);
        const json_t *inside = json_object_get(value, "content");
        add_texts(thought, inside ? inside : json_is_object(value) ? json_object_get(value, "text") : value);
    }
    if (thought->n == had)
        add_details(thought, json_object_get(message, "reasoning_details"));
    if (thought->n == had)
        add_details(thought, json_object_get(message, "thinking_blocks"));
}

static void add_source(json_t **sources, const json_t *object, const char *url)
{
    const char *title = member_text(object, "title"), *snippet = member_text(object, "snippet");
    if (*snippet == '\0')
        snippet = member_text(object, "content");
    if (json_array_size(*sources) >= 2 * SOURCES_MAX) // they may come anew with every event
        return;
    json_t *source = sources_web(*title != '\0' ? title : member_text(object, "name"), url, snippet);
    if (!source)
        return;
    if (!*sources)
        *sources = json_array();
    json_array_append_new(*sources, source);
}

// Addresses as strings, or objects that have one, perhaps a list for each part of the content.
static void add_sources(json_t **sources, const json_t *list, int depth)
{
    static const char *const members[] = {"url", "link", "uri", NULL};
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *url = json_is_string(item) ? json_string_value(item) : "";
        for (const char *const *member = members; *url == '\0' && *member; member++)
            url = member_text(item, *member);
        if (json_is_array(item) && depth < CITATIONS_DEPTH_MAX)
            add_sources(sources, item, depth + 1);
        else
            add_source(sources, item, url);
    }
}

void parts_annotations(const json_t *annotations, json_t **sources)
{
    size_t i;
    json_t *item;
    json_array_foreach(annotations, i, item)
    {
        const json_t *citation = json_object_get(item, "url_citation");
        const json_t *object = citation ? citation : item;
        add_source(sources, object, member_text(object, "url"));
    }
}

void parts_citations(const json_t *object, json_t **sources)
{
    // The results have titles, the bare citations have none: the first mention of an address counts.
    static const char *const lists[] = {"search_results", "web_search", "citations"};
    static const char *const places[] = {"context", "provider_specific_fields", "search_info"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        add_sources(sources, json_object_get(object, lists[i]), 0);
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
            add_sources(sources, json_object_get(json_object_get(object, places[p]), lists[i]), 0);
}

static const char *const known_members[] = {"role",        "content",       "tool_calls", "refusal",
                                            "annotations", "function_call", "audio",      NULL};

static bool is_known(const char *member)
{
    for (const char *const *known = known_members; *known; known++)
        if (strcmp(*known, member) == 0)
            return true;
    return false;
}

static void join_string(json_t *object, const char *member, const json_t *value)
{
    struct buf joined = {0};
    add(&joined, json_object_get(object, member));
    add(&joined, value);
    json_object_set_new(object, member, json_stringn(buf_cstr(&joined), joined.n));
    buf_fini(&joined);
}

// A detail that goes on the one before it has its index and its type. Without an index it goes on what an event before
// has begun, as long as no signature has ended that.
static bool goes_on(const json_t *before, const json_t *detail, bool is_first)
{
    const json_t *index = json_object_get(detail, "index"), *had = json_object_get(before, "index");
    if (!json_is_object(before) || !json_is_object(detail) ||
        !json_equal(json_object_get(before, "type"), json_object_get(detail, "type")))
        return false;
    if (index || had)
        return json_equal(index, had);
    return is_first && *member_text(before, "signature") == '\0' && !json_object_get(detail, "id");
}

static void join_detail(json_t *list, json_t *detail, bool is_first)
{
    static const char *const texts[] = {"text", "summary", "data", "thinking"};
    json_t *before = json_array_get(list, json_array_size(list) - 1);
    if (!goes_on(before, detail, is_first)) {
        json_array_append_new(list, json_deep_copy(detail));
        return;
    }
    json_t *rest = json_deep_copy(detail);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (json_is_string(json_object_get(rest, texts[i])))
            join_string(before, texts[i], json_object_get(rest, texts[i]));
        (void)json_object_del(rest, texts[i]);
    }
    json_object_update(before, rest);
    json_decref(rest);
}

// Words that name something stand in every piece; other strings are pieces of one.
static bool is_a_name(const char *member)
{
    static const char *const names[] = {"name", "channel", "id", "type", "object", "model", "status", "phase"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], member) == 0)
            return true;
    return false;
}

static void join(json_t *object, const char *member, const json_t *value)
{
    json_t *had = json_object_get(object, member), *item;
    size_t i;
    if (json_is_string(value) && json_is_string(had) && !is_a_name(member)) {
        join_string(object, member, value);
    } else if (json_is_array(value)) {
        if (!json_is_array(had)) {
            had = json_array();
            json_object_set_new(object, member, had);
        }
        json_array_foreach(value, i, item)
        {
            join_detail(had, item, i == 0);
        }
    } else {
        json_object_set_new(object, member, json_deep_copy(value));
    }
}

// True if `value` has all that came so far.
static bool is_repeat(const json_t *had, const json_t *value)
{
    if (json_is_string(had) && json_is_string(value))
        return str_starts((struct str){json_string_value(value), json_string_length(value)},
                          (struct str){json_string_value(had), json_string_length(had)});
    return json_equal(had, value);
}

void parts_keep(const json_t *message, bool may_repeat, json_t **extra)
{
    json_t *copy = json_deep_copy(message), *value;
    const char *member;
    json_object_foreach(copy, member, value)
    {
        if (is_known(member) || json_is_null(value))
            continue;
        if (!*extra)
            *extra = json_object();
        if (may_repeat && is_repeat(json_object_get(*extra, member), value))
            json_object_set(*extra, member, value);
        else
            join(*extra, member, value);
    }
    json_decref(copy);
}
