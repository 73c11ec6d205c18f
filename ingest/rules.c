// SPDX-License-Identifier: Apache-2.0
#include "ingest/rules.h"

enum {
    OTLP = DIALECT_OTLP,
    LANGSMITH = DIALECT_LANGSMITH,
    LANGFUSE = DIALECT_LANGFUSE,
    AGENTS = DIALECT_AGENTS,
    GENKIT = DIALECT_GENKIT
};

enum place { ATTRIBUTE, RESOURCE };

// Sources of the names, at the end of each row:
//   genai         OpenTelemetry semantic conventions for generative AI, 1.28 to 1.41, and their names of before
//   openinference Arize's openinference-semantic-conventions
//   langfuse      @langfuse/otel 5, langfuse 3
//   ai            Vercel AI SDK 6, experimental_telemetry
//   traceloop     OpenLLMetry (traceloop-sdk)
//   logfire       Pydantic Logfire
//   claude        Claude Code 2.1
//   langsmith     langsmith-js 0.3 to 0.12 and what LangChain puts into its runs
//   agents        OpenAI Agents SDK 0.20
//   genkit        Genkit 1.42
static const struct rule {
    enum field field;
    int dialects;
    enum place place;
    const char *path;
} rules[] = {
    {FIELD_KIND, OTLP, ATTRIBUTE, "openinference.span.kind"},
    {FIELD_KIND, OTLP, ATTRIBUTE, "gen_ai.operation.name"},
    {FIELD_KIND, OTLP, ATTRIBUTE, "langfuse.observation.type"},
    {FIELD_KIND, OTLP, ATTRIBUTE, "ai.operationId"},
    {FIELD_KIND, OTLP, ATTRIBUTE, "traceloop.span.kind"},
    {FIELD_KIND, OTLP, ATTRIBUTE, "span.type"}, // claude
    {FIELD_KIND, LANGSMITH, ATTRIBUTE, "run_type"},
    {FIELD_KIND, LANGFUSE, ATTRIBUTE, "observation_type"}, // from the event's type, put there by ingest/langfuse.c
    {FIELD_KIND, AGENTS, ATTRIBUTE, "kind"},               // from type and sdk_span_type, by ingest/agents.c
    {FIELD_KIND, GENKIT, ATTRIBUTE, "genkit:metadata:subtype"},
    {FIELD_KIND, GENKIT, ATTRIBUTE, "genkit:type"},

    {FIELD_THREAD, OTLP, ATTRIBUTE, "gen_ai.conversation.id"},
    {FIELD_THREAD, OTLP, ATTRIBUTE, "session.id"}, // openinference, langfuse, claude
    {FIELD_THREAD, OTLP, ATTRIBUTE, "langfuse.session.id"},
    {FIELD_THREAD, OTLP, ATTRIBUTE, "traceloop.association.properties.session_id"},
    {FIELD_THREAD, OTLP, ATTRIBUTE, "ai.telemetry.metadata.sessionId"},
    {FIELD_THREAD, LANGSMITH, ATTRIBUTE, "extra/metadata/thread_id"},
    {FIELD_THREAD, LANGSMITH, ATTRIBUTE, "extra/metadata/session_id"},
    {FIELD_THREAD, LANGSMITH, ATTRIBUTE, "extra/metadata/conversation_id"},
    {FIELD_THREAD, LANGFUSE, ATTRIBUTE, "sessionId"},
    {FIELD_THREAD, AGENTS, ATTRIBUTE, "group_id"},
    {FIELD_THREAD, GENKIT, ATTRIBUTE, "genkit:sessionId"},

    {FIELD_USER, OTLP, ATTRIBUTE, "user.id"},
    {FIELD_USER, OTLP, ATTRIBUTE, "enduser.id"}, // genai, before 1.28
    {FIELD_USER, OTLP, ATTRIBUTE, "langfuse.user.id"},
    {FIELD_USER, OTLP, ATTRIBUTE, "traceloop.association.properties.user_id"},
    {FIELD_USER, OTLP, ATTRIBUTE, "ai.telemetry.metadata.userId"},
    {FIELD_USER, OTLP, ATTRIBUTE, "metadata/user_id"}, // openinference
    {FIELD_USER, LANGSMITH, ATTRIBUTE, "extra/metadata/user_id"},
    {FIELD_USER, LANGFUSE, ATTRIBUTE, "userId"},
    {FIELD_USER, AGENTS, ATTRIBUTE, "metadata/user_id"},

    {FIELD_TRACE_NAME, OTLP, ATTRIBUTE, "langfuse.trace.name"},
    {FIELD_TRACE_NAME, OTLP, ATTRIBUTE, "traceloop.workflow.name"},
    {FIELD_TRACE_NAME, LANGFUSE, ATTRIBUTE, "trace_name"}, // of trace-create, by ingest/langfuse.c
    {FIELD_TRACE_NAME, AGENTS, ATTRIBUTE, "workflow_name"},

    {FIELD_TAGS, OTLP, ATTRIBUTE, "langfuse.trace.tags"},
    {FIELD_TAGS, OTLP, ATTRIBUTE, "tag.tags"}, // openinference
    {FIELD_TAGS, OTLP, ATTRIBUTE, "logfire.tags"},
    {FIELD_TAGS, LANGSMITH, ATTRIBUTE, "tags"},
    {FIELD_TAGS, LANGFUSE, ATTRIBUTE, "tags"},

    {FIELD_ENVIRONMENT, OTLP, ATTRIBUTE, "langfuse.environment"},
    {FIELD_ENVIRONMENT, OTLP, RESOURCE, "deployment.environment.name"},
    {FIELD_ENVIRONMENT, OTLP, RESOURCE, "deployment.environment"}, // genai, before 1.27
    {FIELD_ENVIRONMENT, LANGSMITH, ATTRIBUTE, "extra/metadata/environment"},
    {FIELD_ENVIRONMENT, LANGFUSE, ATTRIBUTE, "environment"},

    {FIELD_PROJECT, OTLP, RESOURCE, "openinference.project.name"},
    {FIELD_PROJECT, OTLP, RESOURCE, "service.name"},
    {FIELD_PROJECT, LANGSMITH, ATTRIBUTE, "session_name"},

    {FIELD_CLIENT, OTLP, RESOURCE, "telemetry.sdk.name"},
    {FIELD_CLIENT, LANGSMITH, ATTRIBUTE, "extra/runtime/sdk"},
    {FIELD_CLIENT_VERSION, OTLP, RESOURCE, "telemetry.sdk.version"},
    {FIELD_CLIENT_VERSION, LANGSMITH, ATTRIBUTE, "extra/runtime/sdk_version"},

    {FIELD_METADATA, LANGFUSE, ATTRIBUTE, "trace_metadata"},
    {FIELD_METADATA, AGENTS, ATTRIBUTE, "metadata"},
    {FIELD_METADATA, LANGSMITH, ATTRIBUTE, "extra/metadata"},

    {FIELD_SYSTEM_PROMPT, OTLP, ATTRIBUTE, "gen_ai.system_instructions"},

    {FIELD_TOOLS, OTLP, ATTRIBUTE, "gen_ai.tool.definitions"},
    {FIELD_TOOLS, OTLP, ATTRIBUTE, "ai.prompt.tools"},
    {FIELD_TOOLS, OTLP, ATTRIBUTE, "llm.invocation_parameters/tools"}, // openinference
    {FIELD_TOOLS, OTLP, ATTRIBUTE, "input/tools"},                     // logfire
    {FIELD_TOOLS, LANGSMITH, ATTRIBUTE, "extra/invocation_params/tools"},
    {FIELD_TOOLS, LANGSMITH, ATTRIBUTE, "inputs/tools"},

    {FIELD_INPUT, OTLP, ATTRIBUTE, "gen_ai.tool.call.arguments"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "gen_ai.input.messages"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "input.value"}, // openinference
    {FIELD_INPUT, OTLP, ATTRIBUTE, "langfuse.observation.input"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "traceloop.entity.input"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "ai.toolCall.args"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "ai.prompt.messages"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "ai.prompt"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "ai.values"}, // embeddings of the AI SDK
    {FIELD_INPUT, OTLP, ATTRIBUTE, "mastra.agent_run.input"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "mastra.tool_call.input"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "gen_ai.retrieval.query.text"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "user_prompt"}, // claude
    {FIELD_INPUT, OTLP, ATTRIBUTE, "tool_input"},  // claude, of log records
    {FIELD_INPUT, OTLP, ATTRIBUTE, "full_command"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "file_path"},
    {FIELD_INPUT, OTLP, ATTRIBUTE, "input"}, // logfire
    {FIELD_INPUT, LANGSMITH, ATTRIBUTE, "inputs"},
    {FIELD_INPUT, LANGFUSE, ATTRIBUTE, "input"},
    {FIELD_INPUT, AGENTS, ATTRIBUTE, "span_data/input"},
    {FIELD_INPUT, GENKIT, ATTRIBUTE, "genkit:input"},

    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "gen_ai.tool.call.result"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "gen_ai.output.messages"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "output.value"}, // openinference
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "langfuse.observation.output"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "traceloop.entity.output"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "ai.toolCall.result"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "ai.response.text"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "ai.response.object"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "mastra.agent_run.output"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "mastra.tool_call.output"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "response"},            // claude, of log records
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "tool.output/content"}, // claude: an event, put there by ingest/otlp.c
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "tool.output"},
    {FIELD_OUTPUT, OTLP, ATTRIBUTE, "output"}, // logfire
    {FIELD_OUTPUT, LANGSMITH, ATTRIBUTE, "outputs"},
    {FIELD_OUTPUT, LANGFUSE, ATTRIBUTE, "output"},
    {FIELD_OUTPUT, AGENTS, ATTRIBUTE, "span_data/output"},
    {FIELD_OUTPUT, GENKIT, ATTRIBUTE, "genkit:output"},

    {FIELD_REASONING, OTLP, ATTRIBUTE, "ai.response.reasoning"},
    {FIELD_TOOL_CALLS, OTLP, ATTRIBUTE, "ai.response.toolCalls"},

    {FIELD_TOOL_NAME, OTLP, ATTRIBUTE, "gen_ai.tool.name"},
    {FIELD_TOOL_NAME, OTLP, ATTRIBUTE, "tool.name"}, // openinference
    {FIELD_TOOL_NAME, OTLP, ATTRIBUTE, "ai.toolCall.name"},
    {FIELD_TOOL_NAME, OTLP, ATTRIBUTE, "traceloop.entity.name"},
    {FIELD_TOOL_NAME, OTLP, ATTRIBUTE, "tool_name"}, // claude
    {FIELD_TOOL_NAME, AGENTS, ATTRIBUTE, "span_data/name"},
    {FIELD_TOOL_NAME, GENKIT, ATTRIBUTE, "genkit:name"},

    {FIELD_DOCUMENTS, OTLP, ATTRIBUTE, "gen_ai.retrieval.documents"},
    {FIELD_DOCUMENTS, OTLP, ATTRIBUTE, "retrieval.documents"}, // openinference, unflattened by ingest/otlp.c
    {FIELD_DOCUMENTS, LANGSMITH, ATTRIBUTE, "outputs/outputs"},
    {FIELD_DOCUMENTS, LANGSMITH, ATTRIBUTE, "outputs/documents"},

    {FIELD_MODEL, OTLP, ATTRIBUTE, "gen_ai.response.model"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "gen_ai.request.model"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "llm.model_name"}, // openinference
    {FIELD_MODEL, OTLP, ATTRIBUTE, "embedding.model_name"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "langfuse.observation.model.name"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "ai.response.model"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "ai.model.id"},
    {FIELD_MODEL, OTLP, ATTRIBUTE, "model"}, // claude
    {FIELD_MODEL, LANGSMITH, ATTRIBUTE, "extra/metadata/ls_model_name"},
    {FIELD_MODEL, LANGFUSE, ATTRIBUTE, "model"},
    {FIELD_MODEL, AGENTS, ATTRIBUTE, "span_data/model"},
    {FIELD_MODEL, GENKIT, ATTRIBUTE, "genkit:model"},

    {FIELD_ERROR_CODE, OTLP, ATTRIBUTE, "error.type"}, // genai
    {FIELD_ERROR_CODE, OTLP, ATTRIBUTE, "error_type"}, // claude
    {FIELD_ERROR_MESSAGE, OTLP, ATTRIBUTE, "langfuse.observation.status_message"},
    {FIELD_ERROR_MESSAGE, OTLP, ATTRIBUTE, "error.message"},
    {FIELD_ERROR_MESSAGE, OTLP, ATTRIBUTE, "error"}, // claude
    {FIELD_ERROR_MESSAGE, AGENTS, ATTRIBUTE, "error/data/error"},

    {FIELD_INPUT_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.input_tokens"},
    {FIELD_INPUT_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.prompt_tokens"}, // before 1.28
    {FIELD_INPUT_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.prompt"},
    {FIELD_INPUT_TOKENS, OTLP, ATTRIBUTE, "ai.usage.inputTokens"},
    {FIELD_INPUT_TOKENS, OTLP, ATTRIBUTE, "ai.usage.promptTokens"},
    {FIELD_INPUT_TOKENS, LANGSMITH, ATTRIBUTE, "extra/metadata/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/input_tokens"},
    {FIELD_INPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/llmOutput/tokenUsage/promptTokens"},
    {FIELD_INPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/llm_output/token_usage/prompt_tokens"},
    {FIELD_INPUT_TOKENS, LANGFUSE, ATTRIBUTE, "usage/input"},
    {FIELD_INPUT_TOKENS, LANGFUSE, ATTRIBUTE, "usage/promptTokens"},
    {FIELD_INPUT_TOKENS, AGENTS, ATTRIBUTE, "span_data/usage/input_tokens"},
    {FIELD_INPUT_TOKENS, AGENTS, ATTRIBUTE, "span_data/data/usage/input_tokens"},
    {FIELD_INPUT_TOKENS, GENKIT, ATTRIBUTE, "genkit:output/usage/inputTokens"},

    {FIELD_OUTPUT_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.output_tokens"},
    {FIELD_OUTPUT_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.completion_tokens"}, // before 1.28
    {FIELD_OUTPUT_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.completion"},
    {FIELD_OUTPUT_TOKENS, OTLP, ATTRIBUTE, "ai.usage.outputTokens"},
    {FIELD_OUTPUT_TOKENS, OTLP, ATTRIBUTE, "ai.usage.completionTokens"},
    {FIELD_OUTPUT_TOKENS, LANGSMITH, ATTRIBUTE, "extra/metadata/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/output_tokens"},
    {FIELD_OUTPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/llmOutput/tokenUsage/completionTokens"},
    {FIELD_OUTPUT_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/llm_output/token_usage/completion_tokens"},
    {FIELD_OUTPUT_TOKENS, LANGFUSE, ATTRIBUTE, "usage/output"},
    {FIELD_OUTPUT_TOKENS, LANGFUSE, ATTRIBUTE, "usage/completionTokens"},
    {FIELD_OUTPUT_TOKENS, AGENTS, ATTRIBUTE, "span_data/usage/output_tokens"},
    {FIELD_OUTPUT_TOKENS, AGENTS, ATTRIBUTE, "span_data/data/usage/output_tokens"},
    {FIELD_OUTPUT_TOKENS, GENKIT, ATTRIBUTE, "genkit:output/usage/outputTokens"},

    {FIELD_REASONING_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.reasoning.output_tokens"},
    {FIELD_REASONING_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.reasoning_tokens"}, // Mastra
    {FIELD_REASONING_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.completion_details.reasoning"},
    {FIELD_REASONING_TOKENS, OTLP, ATTRIBUTE, "ai.usage.outputTokenDetails.reasoningTokens"},
    {FIELD_REASONING_TOKENS, OTLP, ATTRIBUTE, "ai.usage.reasoningTokens"},
    {FIELD_REASONING_TOKENS, LANGSMITH, ATTRIBUTE, "extra/metadata/usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, LANGSMITH, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, GENKIT, ATTRIBUTE, "genkit:output/usage/thoughtsTokens"},

    {FIELD_CACHE_READ_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.cache_read.input_tokens"},
    {FIELD_CACHE_READ_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.cache_read_input_tokens"},
    {FIELD_CACHE_READ_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.prompt_details.cache_read"},
    {FIELD_CACHE_READ_TOKENS, OTLP, ATTRIBUTE, "ai.usage.inputTokenDetails.cacheReadTokens"},
    {FIELD_CACHE_READ_TOKENS, OTLP, ATTRIBUTE, "ai.usage.cachedInputTokens"},
    {FIELD_CACHE_READ_TOKENS, LANGSMITH, ATTRIBUTE, "extra/metadata/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, LANGSMITH, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, AGENTS, ATTRIBUTE, "span_data/data/usage/cached_input_tokens"},
    {FIELD_CACHE_READ_TOKENS, GENKIT, ATTRIBUTE, "genkit:output/usage/cachedContentTokens"},

    {FIELD_CACHE_WRITE_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.cache_write.input_tokens"}, // claude
    {FIELD_CACHE_WRITE_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.cache_creation.input_tokens"},
    {FIELD_CACHE_WRITE_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.cache_creation_input_tokens"},
    {FIELD_CACHE_WRITE_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.prompt_details.cache_write"},
    {FIELD_CACHE_WRITE_TOKENS, OTLP, ATTRIBUTE, "ai.usage.inputTokenDetails.cacheWriteTokens"},
    {FIELD_CACHE_WRITE_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/input_token_details/cache_creation"},
    {FIELD_CACHE_WRITE_TOKENS, LANGSMITH, ATTRIBUTE,
     "outputs/generations/0/0/message/kwargs/usage_metadata/input_token_details/cache_creation"},
    {FIELD_CACHE_WRITE_TOKENS, AGENTS, ATTRIBUTE, "span_data/data/usage/cache_write_input_tokens"},

    {FIELD_TOTAL_TOKENS, OTLP, ATTRIBUTE, "gen_ai.usage.total_tokens"}, // traceloop
    {FIELD_TOTAL_TOKENS, OTLP, ATTRIBUTE, "llm.token_count.total"},
    {FIELD_TOTAL_TOKENS, OTLP, ATTRIBUTE, "ai.usage.totalTokens"},
    {FIELD_TOTAL_TOKENS, LANGSMITH, ATTRIBUTE, "extra/metadata/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, LANGSMITH, ATTRIBUTE, "outputs/generations/0/0/message/kwargs/usage_metadata/total_tokens"},
    {FIELD_TOTAL_TOKENS, LANGFUSE, ATTRIBUTE, "usage/total"},
    {FIELD_TOTAL_TOKENS, AGENTS, ATTRIBUTE, "span_data/data/usage/total_tokens"},
    {FIELD_TOTAL_TOKENS, GENKIT, ATTRIBUTE, "genkit:output/usage/totalTokens"},

    {FIELD_COST, OTLP, ATTRIBUTE, "llm.cost.total"}, // openinference
    {FIELD_COST, OTLP, ATTRIBUTE, "cost_usd"},       // claude
    {FIELD_COST, LANGFUSE, ATTRIBUTE, "usage/totalCost"},
};

enum { RULES = sizeof rules / sizeof rules[0] };

// Where the rows of each field begin and end: they stand together. Found once.
static const struct range {
    size_t begin, end;
} * ranges(void)
{
    static struct range found[FIELD__MAX];
    if (found[FIELD_KIND].end)
        return found;
    for (size_t i = RULES; i-- > 0;) {
        struct range *range = &found[rules[i].field];
        range->begin = i;
        if (!range->end)
            range->end = i + 1;
    }
    return found;
}

struct json_object *rules_find(struct span *s, enum field field)
{
    const struct range range = ranges()[field];
    for (size_t i = range.begin; i < range.end; i++) {
        const struct rule *rule = &rules[i];
        if (!(rule->dialects & (int)s->dialect))
            continue;
        struct json_object *value =
            rule->place == RESOURCE ? value_get(s->resource, rule->path) : span_attribute(s, rule->path);
        if (value_kind(value) != VALUE_NONE)
            return value;
    }
    return NULL;
}

struct str rules_text(struct span *s, enum field field)
{
    struct str text = value_text(rules_find(s, field));
    return text.n ? text : STR_NONE;
}

bool rules_consumes(enum field field, struct str attribute)
{
    const struct range range = ranges()[field];
    for (size_t i = range.begin; i < range.end; i++)
        if (str_eq(str_from(rules[i].path), attribute))
            return true;
    return false;
}
