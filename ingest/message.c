// SPDX-License-Identifier: Apache-2.0
#include "ingest/message.h"

#include "base/utf8.h"

enum { MESSAGE_DEPTH_MAX = 12 };

enum part { PART_NONE, PART_TEXT, PART_REASONING, PART_TOOL, PART_IGNORED };

// The words of "type" in a part of a message.
static const struct {
    const char *type;
    enum part part;
} part_types[] = {
    {"text", PART_TEXT},
    {"output_text", PART_TEXT},
    {"input_text", PART_TEXT},
    {"reasoning", PART_REASONING},
    {"thinking", PART_REASONING},
    {"reasoning_text", PART_REASONING},
    {"summary_text", PART_REASONING},
    {"refusal", PART_TEXT},
    {"tool_call", PART_TOOL},
    {"tool_use", PART_TOOL},
    {"tool-call", PART_TOOL},
    {"function_call", PART_TOOL},
    {"server_tool_call", PART_TOOL},
    {"server_tool_use", PART_TOOL},
    // What tools answered is theirs, not the model's.
    {"tool_call_response", PART_IGNORED},
    {"tool_result", PART_IGNORED},
    {"tool-result", PART_IGNORED},
    {"function_call_output", PART_IGNORED},
    {"server_tool_call_response", PART_IGNORED},
    // What is seen or heard is not read. Its bytes are often a text, under the same key as texts are.
    {"audio", PART_IGNORED},
    {"blob", PART_IGNORED},
    {"file", PART_IGNORED},
    {"image", PART_IGNORED},
    {"image_url", PART_IGNORED},
    {"input_audio", PART_IGNORED},
    {"input_file", PART_IGNORED},
    {"input_image", PART_IGNORED},
    {"media", PART_IGNORED},
    {"redacted_thinking", PART_IGNORED},
    {"uri", PART_IGNORED},
    {"video", PART_IGNORED},
};

// Parts of Gemini, Genkit and Bedrock have no type but a key.
static const struct {
    const char *key;
    enum part part;
} part_keys[] = {
    {"toolRequest", PART_TOOL},
    {"functionCall", PART_TOOL},
    {"function_call", PART_TOOL},
    {"toolUse", PART_TOOL},
    {"reasoningContent", PART_REASONING},
    {"toolResponse", PART_IGNORED},
    {"functionResponse", PART_IGNORED},
    {"function_response", PART_IGNORED},
    {"toolResult", PART_IGNORED},
    {"media", PART_IGNORED},
    {"inlineData", PART_IGNORED},
    {"inline_data", PART_IGNORED},
    {"image", PART_IGNORED},
};

static const char *const reasoning_keys[] = {"reasoning_content", "reasoning", "thinking"};
static const char *const part_text_keys[] = {"content", "text",    "reasoning",        "thinking",
                                             "summary", "refusal", "reasoningContent", "reasoningText"};
// Where the next level is, in the order of trust: the first that is there is taken, the others repeat it.
static const char *const inner_keys[] = {
    "generations", "choices", "message", "messages", "kwargs",   "parts",  "contents",
    "content",     "outputs", "output",  "text",     "response", "answer", "combined_chunk_content"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void message_fini(struct message *m)
{
    buf_fini(&m->reasoning);
    buf_fini(&m->text);
    buf_fini(&m->tools);
}

static void add(struct buf *b, struct str text, const char *between)
{
    if (text.n == 0)
        return;
    if (b->n)
        buf_str(b, str_from(between));
    buf_str(b, text);
}

static struct json_object *first_of(struct json_object *object, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct json_object *value = value_get(object, keys[i]);
        if (value_kind(value) != VALUE_NONE &&
            value_text(value).n + value_count(value) + (value_kind(value) == VALUE_OBJECT))
            return value;
    }
    return NULL;
}

static struct str tool_name(struct json_object *call)
{
    struct json_object *function = value_get(call, "function");
    struct str name = value_text(value_get(call, "name"));
    if (!name.p)
        name = value_text(value_get(call, "toolName"));
    return name.p ? name : value_text(value_get(function, "name"));
}

void message_read_tools(struct message *m, struct json_object *calls)
{
    for (size_t i = 0; i < value_count(calls); i++)
        add(&m->tools, tool_name(value_at(calls, i)), ", ");
}

static enum part part_of(struct json_object *object)
{
    struct str type = value_text(value_get(object, "type"));
    for (size_t i = 0; i < COUNT(part_types); i++)
        if (str_eq(type, str_from(part_types[i].type)))
            return part_types[i].part;
    for (size_t i = 0; i < COUNT(part_keys) && !type.p; i++)
        if (value_kind(value_get(object, part_keys[i].key)) == VALUE_OBJECT)
            return part_keys[i].part;
    return value_true(value_get(object, "thought")) ? PART_REASONING : PART_NONE; // Gemini
}

static void collect_text(struct buf *out, struct json_object *value)
{
    add(out, value_text(value), "\n");
    if (value_kind(value) == VALUE_OBJECT)
        collect_text(out, first_of(value, part_text_keys, COUNT(part_text_keys)));
    for (size_t i = 0; i < value_count(value); i++)
        collect_text(out, first_of(value_at(value, i), part_text_keys, COUNT(part_text_keys)));
}

static void read_tool_part(struct message *m, struct json_object *part)
{
    struct json_object *call = NULL;
    for (size_t i = 0; i < COUNT(part_keys) && !call; i++)
        if (part_keys[i].part == PART_TOOL)
            call = value_get(part, part_keys[i].key);
    add(&m->tools, tool_name(call ? call : part), ", ");
}

// Reasoning and tool calls that stand beside the content.
static void read_beside(struct message *m, struct json_object *object)
{
    struct json_object *more = value_get(object, "additional_kwargs");
    struct json_object *reasoning = first_of(object, reasoning_keys, COUNT(reasoning_keys));
    struct json_object *calls = value_get(object, "tool_calls");
    if (!reasoning)
        reasoning = first_of(more, reasoning_keys, COUNT(reasoning_keys));
    if (value_count(calls) == 0)
        calls = value_get(object, "toolCalls");
    if (value_count(calls) == 0)
        calls = value_get(more, "tool_calls");
    if (m->reasoning.n == 0)
        add(&m->reasoning, value_text(reasoning), "\n");
    message_read_tools(m, calls);
}

static void read_value(struct message *m, struct span *s, struct json_object *value, int depth);

static void read_object(struct message *m, struct span *s, struct json_object *object, int depth)
{
    switch (part_of(object)) {
    case PART_TEXT:
        add(&m->text, value_text(first_of(object, part_text_keys, COUNT(part_text_keys))), "\n");
        return;
    case PART_REASONING:
        collect_text(&m->reasoning, first_of(object, part_text_keys, COUNT(part_text_keys)));
        return;
    case PART_TOOL:
        read_tool_part(m, object);
        return;
    case PART_IGNORED:
        return;
    case PART_NONE:
        break;
    }
    read_beside(m, object);
    struct json_object *messages = value_get(object, "messages");
    if (value_count(messages) > 0)
        read_value(m, s, value_at(messages, value_count(messages) - 1), depth + 1);
    else
        read_value(m, s, first_of(object, inner_keys, COUNT(inner_keys)), depth + 1);
}

static void read_value(struct message *m, struct span *s, struct json_object *value, int depth)
{
    if (depth > MESSAGE_DEPTH_MAX)
        return;
    struct json_object *inside = depth < 2 ? span_inside(s, value) : value;
    switch (value_kind(inside)) {
    case VALUE_TEXT:
        add(&m->text, value_text(inside), "\n");
        break;
    case VALUE_ARRAY:
        for (size_t i = 0; i < value_count(inside); i++)
            read_value(m, s, value_at(inside, i), depth + 1);
        break;
    case VALUE_OBJECT:
        read_object(m, s, inside, depth);
        break;
    case VALUE_NONE:
    case VALUE_BOOL:
    case VALUE_NUMBER:
        break;
    }
}

void message_read(struct message *m, struct span *s, struct json_object *value)
{
    read_value(m, s, value, 0);
}

void message_print(struct buf *out, const struct message *m)
{
    size_t before = out->n;
    buf_str(out, buf_view(&m->reasoning));
    if (m->text.n) {
        buf_str(out, out->n > before ? STR("\n\n") : STR(""));
        buf_str(out, buf_view(&m->text));
    }
    if (m->tools.n) {
        buf_str(out, out->n > before ? STR("\n\n→ ") : STR("→ "));
        buf_str(out, buf_view(&m->tools));
    }
}

// A message's author is a person: by role, by LangChain's type, or by its class.
static bool is_of_person(struct json_object *message)
{
    struct json_object *id = value_get(message, "id");
    struct str role = value_text(value_get(message, "role"));
    struct str type = value_text(value_get(message, "type"));
    return str_eq(role, STR("user")) || str_eq(role, STR("human")) || str_eq(type, STR("human")) ||
           str_eq(value_text(value_at(id, value_count(id) - 1)), STR("HumanMessage"));
}

static struct json_object *question_in(struct json_object *array)
{
    for (size_t i = 0; i < value_count(array); i++)
        if (is_of_person(value_at(array, i)))
            return value_at(array, i);
    // Of a message's parts the first that can be read.
    for (size_t i = 0; i < value_count(array); i++)
        if (part_of(value_at(array, i)) == PART_NONE || part_of(value_at(array, i)) == PART_TEXT)
            return value_at(array, i);
    return NULL;
}

static bool takes_any_text(void *context, struct str key, struct json_object *value)
{
    struct json_object **found = context;
    if (!*found && value_text(value).n && !str_eq(key, STR("type")) && !str_eq(key, STR("role")))
        *found = value;
    return !*found;
}

void message_question(struct buf *out, struct span *s, struct json_object *value, size_t most)
{
    static const char *const keys[] = {"messages", "prompt", "input",  "question", "query", "content", "kwargs",
                                       "parts",    "text",   "inputs", "task",     "args",  "contents"};
    for (int depth = 0; depth < MESSAGE_DEPTH_MAX && value; depth++) {
        struct json_object *inside = depth < 3 ? span_inside(s, value) : value;
        if (value_kind(inside) == VALUE_TEXT) {
            buf_str(out, utf8_prefix(value_text(inside), most));
            return;
        }
        if (value_kind(inside) == VALUE_ARRAY) {
            value = question_in(inside);
            continue;
        }
        struct json_object *next = first_of(inside, keys, COUNT(keys));
        if (!next)
            value_each(inside, takes_any_text, &next);
        value = next;
    }
}
