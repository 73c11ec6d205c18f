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
    {"tool_call", PART_TOOL},
    {"tool_use", PART_TOOL},
    {"tool-call", PART_TOOL},
    {"function_call", PART_TOOL},
    // What tools answered is theirs, not the model's.
    {"tool_call_response", PART_IGNORED},
    {"tool_result", PART_IGNORED},
    {"tool-result", PART_IGNORED},
};

static const char *const reasoning_keys[] = {"reasoning_content", "reasoning", "thinking"};
static const char *const part_text_keys[] = {"content", "text", "reasoning", "thinking", "summary"};
// Where the next level is, in the order of trust: the first that is there is taken, the others repeat it.
static const char *const inner_keys[] = {"generations", "choices",  "message", "messages", "kwargs",
                                         "parts",       "contents", "content", "text",     "outputs",
                                         "output",      "response", "answer"};

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
    // Gemini's and Genkit's parts have no type but a key.
    return value_get(object, "toolRequest") || value_get(object, "functionCall") ? PART_TOOL : PART_NONE;
}

static void collect_text(struct buf *out, struct json_object *value)
{
    add(out, value_text(value), "\n");
    for (size_t i = 0; i < value_count(value); i++)
        collect_text(out, first_of(value_at(value, i), part_text_keys, COUNT(part_text_keys)));
}

static void read_tool_part(struct message *m, struct json_object *part)
{
    struct json_object *call = value_get(part, "toolRequest");
    if (!call)
        call = value_get(part, "functionCall");
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
    return value_at(array, 0);
}

static bool takes_any_text(void *context, struct str key, struct json_object *value)
{
    struct json_object **found = context;
    (void)key;
    if (!*found && value_text(value).n)
        *found = value;
    return !*found;
}

void message_question(struct buf *out, struct span *s, struct json_object *value, size_t most)
{
    static const char *const keys[] = {"messages", "prompt", "input", "question", "query", "content",
                                       "kwargs",   "parts",  "text",  "inputs",   "task",  "args"};
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
