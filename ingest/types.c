// SPDX-License-Identifier: Apache-2.0
#include "ingest/types.h"

#include <ctype.h>
#include <strings.h>
#include "ingest/rules.h"

enum { BLOCKED_US_MIN = 1000000 };

// The clients' words, whatever their case. Their sources are those of ingest/rules.c.
static const struct type_row {
    const char *kind;
    enum step_class class;
    const char *type;
} table[] = {
    {"llm", CLASS_MODEL, "generation"}, // openinference, langsmith
    {"chat", CLASS_MODEL, "generation"},
    {"chat_model", CLASS_MODEL, "generation"},       // mlflow
    {"chat.completions", CLASS_MODEL, "generation"}, // Semantic Kernel
    {"text.completions", CLASS_MODEL, "generation"},
    {"text_completion", CLASS_MODEL, "generation"},
    {"completion", CLASS_MODEL, "generation"}, // traceloop
    {"generate_content", CLASS_MODEL, "generation"},
    {"generation", CLASS_MODEL, "generation"}, // langfuse, agents
    {"response", CLASS_MODEL, "generation"},   // agents
    {"model", CLASS_MODEL, "generation"},      // genkit
    {"llm_request", CLASS_MODEL, "generation"},
    {"ai.generateText.doGenerate", CLASS_MODEL, "generation"},
    {"ai.streamText.doStream", CLASS_MODEL, "generation"},
    {"ai.generateObject.doGenerate", CLASS_MODEL, "generation"},
    {"ai.streamObject.doStream", CLASS_MODEL, "generation"},
    {"tool", CLASS_TOOL, "tool_call"},
    {"execute_tool", CLASS_TOOL, "tool_call"},
    {"function", CLASS_TOOL, "tool_call"}, // agents
    {"ai.toolCall", CLASS_TOOL, "tool_call"},
    {"retriever", CLASS_RETRIEVAL, "retrieval"},
    {"retrieval", CLASS_RETRIEVAL, "retrieval"},
    {"reranker", CLASS_RETRIEVAL, "retrieval"},
    {"rerank", CLASS_RETRIEVAL, "retrieval"}, // traceloop
    {"embedding", CLASS_EMBEDDING, "embedding"},
    {"embeddings", CLASS_EMBEDDING, "embedding"},
    {"embedder", CLASS_EMBEDDING, "embedding"}, // genkit
    {"ai.embed", CLASS_EMBEDDING, "embedding"},
    {"ai.embed.doEmbed", CLASS_EMBEDDING, "embedding"},
    {"ai.embedMany", CLASS_GROUP, "group"},
    {"ai.embedMany.doEmbed", CLASS_EMBEDDING, "embedding"},
    {"agent", CLASS_AGENT, "agent"},
    {"invoke_agent", CLASS_AGENT, "agent"},
    {"create_agent", CLASS_AGENT, "agent"},
    {"invoke_workflow", CLASS_AGENT, "agent"},
    {"workflow", CLASS_AGENT, "agent"},    // traceloop
    {"interaction", CLASS_AGENT, "agent"}, // claude
    {"flow", CLASS_AGENT, "agent"},        // genkit
    {"custom/task", CLASS_AGENT, "agent"}, // agents
    {"ai.generateText", CLASS_AGENT, "agent"},
    {"ai.streamText", CLASS_AGENT, "agent"},
    {"ai.generateObject", CLASS_AGENT, "agent"},
    {"ai.streamObject", CLASS_AGENT, "agent"},
    {"chain", CLASS_GROUP, "group"},
    {"task", CLASS_GROUP, "group"},       // traceloop
    {"agent_step", CLASS_GROUP, "group"}, // AI SDK 7, Mastra
    {"model_generation", CLASS_GROUP, "group"},
    {"model_chunk", CLASS_HIDDEN, "group"}, // Mastra: each piece of a text that its `chat` has whole
    {"custom/turn", CLASS_GROUP, "group"},
    {"tool.execution", CLASS_GROUP, "group"}, // claude
    {"util", CLASS_GROUP, "group"},           // genkit: generate
    {"prompt", CLASS_GROUP, "group"},
    {"tool.blocked_on_user", CLASS_APPROVAL, "approval"},
    {"guardrail", CLASS_OTHER, "guardrail"},
    {"handoff", CLASS_OTHER, "handoff"},
};

static const struct type_row *row_of(struct str kind)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        // The length first: it tells most of them apart.
        if (strlen(table[i].kind) == kind.n && strncasecmp(table[i].kind, kind.p, kind.n) == 0)
            return &table[i];
    return NULL;
}

// Runs of LangGraph and LangChain that say nothing to people: writers of channels and the edges between nodes.
static bool is_plumbing(struct span *s)
{
    static const struct str names[] = {{"__start__", 9}, {"RunnableLambda", 14}, {"ChannelWrite", 12}};
    struct json_object *tags = value_get(s->attributes, "tags");
    if (!s->parent.p)
        return false;
    for (size_t i = 0; i < value_count(tags); i++)
        if (str_eq(value_text(value_at(tags, i)), STR("langsmith:hidden")))
            return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_starts(s->name, names[i]))
            return true;
    return false;
}

static bool is_graph(struct span *s)
{
    static const struct str classes[] = {{"CompiledStateGraph", 18}, {"CompiledGraph", 13}, {"AgentExecutor", 13}};
    struct json_object *id = span_attribute(s, "serialized/id");
    struct str last = value_text(value_at(id, value_count(id) - 1));
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (str_eq(last, classes[i]))
            return true;
    return !s->parent.p;
}

// The client's word as a type: lower-case letters, digits and underscores.
static struct str own_type(struct str kind, char own[static 65])
{
    size_t n = 0;
    for (size_t i = 0; i < kind.n && n < 64; i++) {
        unsigned char c = (unsigned char)kind.p[i];
        if (isascii(c) && isalpha(c))
            own[n++] = (char)tolower(c);
        else if (n > 0 && own[n - 1] != '_')
            own[n++] = isascii(c) && isdigit(c) ? (char)c : '_';
    }
    while (n > 0 && own[n - 1] == '_')
        n--;
    return n ? (struct str){own, n} : STR("span");
}

// What has no word for itself may still show what it is.
static struct step_type type_by_presence(struct span *s)
{
    if (rules_find(s, FIELD_TOOL_NAME))
        return (struct step_type){CLASS_TOOL, STR("tool_call"), STR_NONE};
    // Only what is said of a run's end names no type. What has used tokens is a call, whatever type it was begun with.
    if (!s->dialect->is_general && rules_find(s, FIELD_OUTPUT_TOKENS))
        return (struct step_type){CLASS_MODEL, STR("span"), STR_NONE};
    // The run of an agent has its name and the last word in it.
    if (str_starts(s->scope, STR("pydantic-ai")) && value_get(s->attributes, "agent_name"))
        return (struct step_type){CLASS_AGENT, STR("agent"), STR_NONE};
    if (value_get(s->attributes, "gen_ai.request.model") || value_get(s->attributes, "llm.model_name"))
        return (struct step_type){CLASS_MODEL, STR("generation"), STR_NONE};
    return (struct step_type){CLASS_OTHER, STR("span"), STR_NONE};
}

struct step_type types_of(struct span *s, char own[static 65])
{
    struct str kind = value_text(span_inside(s, rules_find(s, FIELD_KIND)));
    // "ai.streamText name-of-the-application"
    if (str_starts(kind, STR("ai.")))
        kind = str_cut(&kind, ' ');
    if (!kind.n)
        return type_by_presence(s);
    const struct type_row *row = row_of(kind);
    if (!row)
        return (struct step_type){CLASS_OTHER, own_type(kind, own), kind};
    struct step_type type = {row->class, str_from(row->type), kind};
    if (type.class == CLASS_APPROVAL && s->ended_us && s->ended_us - s->started_us < BLOCKED_US_MIN)
        type.class = CLASS_HIDDEN;
    if (type.class != CLASS_GROUP || strcasecmp(row->kind, "chain") != 0)
        return type;
    if (is_plumbing(s))
        type.class = CLASS_HIDDEN;
    else if (is_graph(s))
        type = (struct step_type){CLASS_AGENT, STR("agent"), kind};
    return type;
}

// One pass over the names: the words by which instrumentations of AI begin theirs.
struct ai_search {
    bool is_found;
};

static bool looks_for_ai(void *context, struct str key, struct json_object *value)
{
    static const struct str prefixes[] = {
        {"gen_ai.", 7},   {"openinference.", 14}, {"llm.", 4},        {"ai.", 3},
        {"langfuse.", 9}, {"langsmith.", 10},     {"traceloop.", 10}, {"mastra.", 7},
        {"logfire.", 8},  {"genkit:", 7},         {"mlflow.", 7},     {"gcp.vertex.agent.", 17},
    };
    struct ai_search *search = context;
    (void)value;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0] && !search->is_found; i++)
        search->is_found = str_starts(key, prefixes[i]);
    return !search->is_found;
}

static bool says_ai(const struct span *s)
{
    struct ai_search search = {false};
    value_each(s->attributes, looks_for_ai, &search);
    return search.is_found;
}

// Instrumentations by the beginning of their scope, in the languages that have no common one.
static bool is_scope_of_plumbing(struct str scope)
{
    static const struct str openings[] = {
        {"Experimental.System.Net", 23},
        {"Microsoft.AspNetCore", 20},
        {"Microsoft.EntityFrameworkCore", 29},
        {"Npgsql", 6},
        {"OpenTelemetry.Instrumentation.", 30}, // .NET
        {"OpenTelemetry::Instrumentation::", 32},
        {"System.Net", 10},
        {"@vercel/otel/fetch", 18},
        {"go.opentelemetry.io/contrib/instrumentation/", 44},
        {"io.opentelemetry.", 17}, // Java
        {"next.js", 7},
    };
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++)
        if (str_starts(scope, openings[i]))
            return true;
    return false;
}

// The last word of an instrumentation's scope: "@opentelemetry/instrumentation-undici",
// "opentelemetry.instrumentation.httpx".
static bool is_instrumentation_of_plumbing(struct str scope)
{
    static const struct str words[] = {
        {"aiohttp_client", 14},
        {"aws-lambda", 10},
        {"aws-sdk", 7},
        {"cassandra-driver", 16},
        {"dns", 3},
        {"express", 7},
        {"fastapi", 7},
        {"fastify", 7},
        {"fetch", 5},
        {"flask", 5},
        {"fs", 2},
        {"grpc", 4},
        {"hapi", 4},
        {"http", 4},
        {"httpx", 5},
        {"ioredis", 7},
        {"koa", 3},
        {"memcached", 9},
        {"mongodb", 7},
        {"mongoose", 8},
        {"mysql", 5},
        {"mysql2", 6},
        {"net", 3},
        {"pg", 2},
        {"psycopg", 7},
        {"psycopg2", 8},
        {"redis", 5},
        {"redis-4", 7},
        {"requests", 8},
        {"router", 6},
        {"sqlalchemy", 10},
        {"sqlite3", 7},
        {"tedious", 7},
        {"undici", 6},
        {"urllib", 6},
        {"urllib3", 7},
        {"winston", 7},
        {"xml-http-request", 16},
    };
    static const struct str openings[] = {{"@opentelemetry/instrumentation-", 31},
                                          {"opentelemetry.instrumentation.", 30}};
    for (size_t o = 0; o < 2; o++)
        for (size_t i = 0; str_starts(scope, openings[o]) && i < sizeof words / sizeof words[0]; i++)
            if (str_eq(str_skip(scope, openings[o].n), words[i]))
                return true;
    return false;
}

// What the semantic conventions of HTTP and databases require of every span of theirs, if it has no word of an AI's.
static bool has_attribute_of_plumbing(struct span *s)
{
    static const char *const names[] = {"http.request.method", "http.method", "db.system.name", "db.system"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (value_get(s->attributes, names[i]))
            return !rules_find(s, FIELD_KIND);
    return false;
}

bool types_is_foreign(struct span *s)
{
    // Other words of an AI may stand at every span of its trace.
    return s->dialect->is_general &&
           (is_scope_of_plumbing(s->scope) || is_instrumentation_of_plumbing(s->scope) ||
            has_attribute_of_plumbing(s)) &&
           !span_has_prefix(s, "gen_ai.");
}

bool types_is_ai(const struct span *s)
{
    return !s->dialect->is_general || str_starts(s->scope, STR("com.anthropic.claude_code")) || says_ai(s);
}
