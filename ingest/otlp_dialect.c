// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp.h"

// Sources of the names, at the end of each row:
//   genai         OpenTelemetry semantic conventions for generative AI, 1.28 to 1.41, and their names of before
//   openinference Arize's openinference-semantic-conventions
//   langfuse      @langfuse/otel 5
//   ai            Vercel AI SDK 6, experimental_telemetry
//   traceloop     OpenLLMetry (traceloop-sdk)
//   logfire       Pydantic Logfire
//   claude        Claude Code 2.1
//   pydantic      Pydantic AI, by Logfire or any exporter
//   langsmith     langsmith-js, LANGSMITH_OTEL_ENABLED
//   adk           Google's Agent Development Kit
//   mlflow        MLflow's tracing
//   kernel        Semantic Kernel, before 1.28 of genai
static const struct rule rules[] = {
    {FIELD_KIND, ATTRIBUTE, "openinference.span.kind"},
    {FIELD_KIND, ATTRIBUTE, "langsmith.span.kind"}, // before genai: there a retriever is "embeddings"
    {FIELD_KIND, ATTRIBUTE, "gen_ai.operation.name"},
    {FIELD_KIND, ATTRIBUTE, "langfuse.observation.type"},
    {FIELD_KIND, ATTRIBUTE, "ai.operationId"},
    {FIELD_KIND, ATTRIBUTE, "operation.name"}, // ai, with the application's own name behind it
    {FIELD_KIND, ATTRIBUTE, "traceloop.span.kind"},
    {FIELD_KIND, ATTRIBUTE, "mlflow.spanType"},
    {FIELD_KIND, ATTRIBUTE, "llm.request.type"}, // traceloop, of calls to models
    {FIELD_KIND, ATTRIBUTE, "span.type"},        // claude

    {FIELD_THREAD, ATTRIBUTE, "gen_ai.conversation.id"},
    {FIELD_THREAD, ATTRIBUTE, "session.id"}, // openinference, langfuse, claude
    {FIELD_THREAD, ATTRIBUTE, "langfuse.session.id"},
    {FIELD_THREAD, ATTRIBUTE, "traceloop.association.properties.session_id"},
    {FIELD_THREAD, ATTRIBUTE, "traceloop.association.properties.thread_id"},
    {FIELD_THREAD, ATTRIBUTE, "ai.telemetry.metadata.sessionId"},
    {FIELD_THREAD, ATTRIBUTE, "langsmith.metadata.thread_id"},
    {FIELD_THREAD, ATTRIBUTE, "langsmith.metadata.session_id"},
    {FIELD_THREAD, ATTRIBUTE, "langsmith.metadata.conversation_id"},
    {FIELD_THREAD, ATTRIBUTE, "gcp.vertex.agent.session_id"}, // adk
    {FIELD_THREAD, ATTRIBUTE, "mlflow.trace.session"},
    {FIELD_THREAD, ATTRIBUTE, "metadata/session_id"}, // openinference
    {FIELD_THREAD, ATTRIBUTE, "metadata/thread_id"},
    {FIELD_THREAD, RESOURCE, "session.id"},

    {FIELD_USER, ATTRIBUTE, "user.id"},
    {FIELD_USER, ATTRIBUTE, "enduser.id"}, // genai, before 1.28
    {FIELD_USER, ATTRIBUTE, "langfuse.user.id"},
    {FIELD_USER, ATTRIBUTE, "traceloop.association.properties.user_id"},
    {FIELD_USER, ATTRIBUTE, "ai.telemetry.metadata.userId"},
    {FIELD_USER, ATTRIBUTE, "langsmith.metadata.user_id"},
    {FIELD_USER, ATTRIBUTE, "mlflow.trace.user"},
    {FIELD_USER, ATTRIBUTE, "metadata/user_id"}, // openinference
    {FIELD_USER, RESOURCE, "user.id"},

    {FIELD_TRACE_NAME, ATTRIBUTE, "langfuse.trace.name"},
    {FIELD_TRACE_NAME, ATTRIBUTE, "traceloop.workflow.name"},

    {FIELD_TAGS, ATTRIBUTE, "langfuse.trace.tags"},
    {FIELD_TAGS, ATTRIBUTE, "tag.tags"}, // openinference
    {FIELD_TAGS, ATTRIBUTE, "logfire.tags"},

    {FIELD_ENVIRONMENT, ATTRIBUTE, "langfuse.environment"},
    {FIELD_ENVIRONMENT, RESOURCE, "langfuse.environment"},
    {FIELD_ENVIRONMENT, RESOURCE, "deployment.environment.name"},
    {FIELD_ENVIRONMENT, RESOURCE, "deployment.environment"}, // genai, before 1.27

    {FIELD_PROJECT, ATTRIBUTE, "langsmith.trace.session_name"},
    {FIELD_PROJECT, RESOURCE, "openinference.project.name"},
    {FIELD_PROJECT, RESOURCE, "service.name"},

    {FIELD_CLIENT, RESOURCE, "telemetry.sdk.name"},

    {FIELD_CLIENT_VERSION, RESOURCE, "telemetry.sdk.version"},

    {FIELD_RELEASE, ATTRIBUTE, "langfuse.release"},
    {FIELD_RELEASE, RESOURCE, "langfuse.release"},
    {FIELD_RELEASE, RESOURCE, "service.version"},

    {FIELD_SYSTEM_PROMPT, ATTRIBUTE, "gen_ai.system_instructions"},
    {FIELD_SYSTEM_PROMPT, ATTRIBUTE, "gcp.vertex.agent.llm_request/config/system_instruction"}, // adk

    {FIELD_TOOLS, ATTRIBUTE, "gen_ai.tool.definitions"},
    {FIELD_TOOLS, ATTRIBUTE, "ai.prompt.tools"},
    {FIELD_TOOLS, ATTRIBUTE, "llm.invocation_parameters/tools"}, // openinference
    {FIELD_TOOLS, ATTRIBUTE, "input/tools"},                     // logfire
    {FIELD_TOOLS, ATTRIBUTE, "request_data/tools"},              //
    {FIELD_TOOLS, ATTRIBUTE, "llm.tools"},                       // openinference, put together by ingest/flat.c
    {FIELD_TOOLS, ATTRIBUTE, "llm.request.functions"},           // traceloop, by ingest/flat.c

    {FIELD_INPUT, ATTRIBUTE, "gen_ai.tool.call.arguments"},
    {FIELD_INPUT, ATTRIBUTE, "gen_ai.input.messages"},
    {FIELD_INPUT, ATTRIBUTE, "input.value"}, // openinference
    {FIELD_INPUT, ATTRIBUTE, "langfuse.observation.input"},
    {FIELD_INPUT, ATTRIBUTE, "traceloop.entity.input"},
    {FIELD_INPUT, ATTRIBUTE, "ai.toolCall.args"},
    {FIELD_INPUT, ATTRIBUTE, "ai.prompt.messages"},
    {FIELD_INPUT, ATTRIBUTE, "ai.prompt"},
    {FIELD_INPUT, ATTRIBUTE, "ai.values"}, // embeddings of the AI SDK
    {FIELD_INPUT, ATTRIBUTE, "mastra.agent_run.input"},
    {FIELD_INPUT, ATTRIBUTE, "mastra.tool_call.input"},
    {FIELD_INPUT, ATTRIBUTE, "gen_ai.retrieval.query.text"},
    {FIELD_INPUT, ATTRIBUTE, "user_prompt"}, // claude
    {FIELD_INPUT, ATTRIBUTE, "tool_input"},  // claude, of log records
    {FIELD_INPUT, ATTRIBUTE, "full_command"},
    {FIELD_INPUT, ATTRIBUTE, "file_path"},
    {FIELD_INPUT, ATTRIBUTE, "input"},          // logfire
    {FIELD_INPUT, ATTRIBUTE, "tool_arguments"}, // pydantic
    {FIELD_INPUT, ATTRIBUTE, "request_data"},   // logfire
    {FIELD_INPUT, ATTRIBUTE, "pydantic_ai.all_messages"},
    {FIELD_INPUT, ATTRIBUTE, "gcp.vertex.agent.tool_call_args"}, // adk
    {FIELD_INPUT, ATTRIBUTE, "gcp.vertex.agent.llm_request"},
    {FIELD_INPUT, ATTRIBUTE, "mlflow.spanInputs"},
    {FIELD_INPUT, ATTRIBUTE, "llm.input_messages"}, // openinference, put together by ingest/flat.c
    {FIELD_INPUT, ATTRIBUTE, "gen_ai.prompt"},      // traceloop, by ingest/flat.c; langsmith, in JSON

    {FIELD_OUTPUT, ATTRIBUTE, "gen_ai.tool.call.result"},
    {FIELD_OUTPUT, ATTRIBUTE, "gen_ai.output.messages"},
    {FIELD_OUTPUT, ATTRIBUTE, "output.value"}, // openinference
    {FIELD_OUTPUT, ATTRIBUTE, "langfuse.observation.output"},
    {FIELD_OUTPUT, ATTRIBUTE, "traceloop.entity.output"},
    {FIELD_OUTPUT, ATTRIBUTE, "ai.toolCall.result"},
    {FIELD_OUTPUT, ATTRIBUTE, "ai.response.text"},
    {FIELD_OUTPUT, ATTRIBUTE, "ai.response.object"},
    {FIELD_OUTPUT, ATTRIBUTE, "mastra.agent_run.output"},
    {FIELD_OUTPUT, ATTRIBUTE, "mastra.tool_call.output"},
    {FIELD_OUTPUT, ATTRIBUTE, "response"},            // claude, of log records
    {FIELD_OUTPUT, ATTRIBUTE, "tool.output/content"}, // claude: an event, put there by ingest/otlp.c
    {FIELD_OUTPUT, ATTRIBUTE, "tool.output"},
    {FIELD_OUTPUT, ATTRIBUTE, "output"},                         // logfire
    {FIELD_OUTPUT, ATTRIBUTE, "tool_response"},                  // pydantic
    {FIELD_OUTPUT, ATTRIBUTE, "final_result"},                   // pydantic
    {FIELD_OUTPUT, ATTRIBUTE, "response_data"},                  // logfire
    {FIELD_OUTPUT, ATTRIBUTE, "gcp.vertex.agent.tool_response"}, // adk
    {FIELD_OUTPUT, ATTRIBUTE, "gcp.vertex.agent.llm_response"},
    {FIELD_OUTPUT, ATTRIBUTE, "mlflow.spanOutputs"},
    {FIELD_OUTPUT, ATTRIBUTE, "llm.output_messages"}, // openinference, put together by ingest/flat.c
    {FIELD_OUTPUT, ATTRIBUTE, "gen_ai.completion"},   // traceloop, by ingest/flat.c; langsmith, in JSON

    {FIELD_REASONING, ATTRIBUTE, "ai.response.reasoning"},

    {FIELD_TOOL_CALLS, ATTRIBUTE, "ai.response.toolCalls"},

    {FIELD_TOOL_NAME, ATTRIBUTE, "gen_ai.tool.name"},
    {FIELD_TOOL_NAME, ATTRIBUTE, "tool.name"}, // openinference
    {FIELD_TOOL_NAME, ATTRIBUTE, "ai.toolCall.name"},
    {FIELD_TOOL_NAME, ATTRIBUTE, "traceloop.entity.name"},
    {FIELD_TOOL_NAME, ATTRIBUTE, "tool_name"}, // claude

    {FIELD_DOCUMENTS, ATTRIBUTE, "gen_ai.retrieval.documents"},
    {FIELD_DOCUMENTS, ATTRIBUTE, "retrieval.documents"}, // openinference, put together by ingest/flat.c
    {FIELD_DOCUMENTS, ATTRIBUTE, "reranker.output_documents"},

    {FIELD_MODEL, ATTRIBUTE, "gen_ai.response.model"},
    {FIELD_MODEL, ATTRIBUTE, "gen_ai.request.model"},
    {FIELD_MODEL, ATTRIBUTE, "llm.model_name"}, // openinference
    {FIELD_MODEL, ATTRIBUTE, "embedding.model_name"},
    {FIELD_MODEL, ATTRIBUTE, "langfuse.observation.model.name"},
    {FIELD_MODEL, ATTRIBUTE, "ai.response.model"},
    {FIELD_MODEL, ATTRIBUTE, "ai.model.id"},
    {FIELD_MODEL, ATTRIBUTE, "model"},      // claude
    {FIELD_MODEL, ATTRIBUTE, "model_name"}, // pydantic, of agents

    {FIELD_ERROR_CODE, ATTRIBUTE, "error.type"}, // genai
    {FIELD_ERROR_CODE, ATTRIBUTE, "error_type"}, // claude

    {FIELD_ERROR_MESSAGE, ATTRIBUTE, "langfuse.observation.status_message"},
    {FIELD_ERROR_MESSAGE, ATTRIBUTE, "error.message"},
    {FIELD_ERROR_MESSAGE, ATTRIBUTE, "error"}, // claude

    {FIELD_INPUT_TOKENS, ATTRIBUTE, "gen_ai.usage.input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "gen_ai.usage.prompt_tokens"},    // before 1.28
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "gen_ai.response.prompt_tokens"}, // kernel
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "llm.usage.prompt_tokens"},       // traceloop, before
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "mlflow.chat.tokenUsage/input_tokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "llm.token_count.prompt"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "ai.usage.inputTokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "ai.usage.promptTokens"},
    {FIELD_INPUT_TOKENS, ATTRIBUTE, "langsmith.usage_metadata/input_tokens"},

    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "gen_ai.usage.output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "gen_ai.usage.completion_tokens"},    // before 1.28
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "gen_ai.response.completion_tokens"}, // kernel
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "llm.usage.completion_tokens"},       // traceloop, before
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "mlflow.chat.tokenUsage/output_tokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "llm.token_count.completion"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "ai.usage.outputTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "ai.usage.completionTokens"},
    {FIELD_OUTPUT_TOKENS, ATTRIBUTE, "langsmith.usage_metadata/output_tokens"},

    {FIELD_REASONING_TOKENS, ATTRIBUTE, "gen_ai.usage.reasoning.output_tokens"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "gen_ai.usage.reasoning_tokens"},         // Mastra
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "gen_ai.usage.details.reasoning_tokens"}, // pydantic
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "langsmith.usage_metadata/output_token_details/reasoning"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "llm.token_count.completion_details.reasoning"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "ai.usage.outputTokenDetails.reasoningTokens"},
    {FIELD_REASONING_TOKENS, ATTRIBUTE, "ai.usage.reasoningTokens"},

    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "gen_ai.usage.cache_read.input_tokens"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "gen_ai.usage.cache_read_input_tokens"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "gen_ai.usage.details.cache_read_tokens"}, // pydantic
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "langsmith.usage_metadata/input_token_details/cache_read"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "llm.token_count.prompt_details.cache_read"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "ai.usage.inputTokenDetails.cacheReadTokens"},
    {FIELD_CACHE_READ_TOKENS, ATTRIBUTE, "ai.usage.cachedInputTokens"},

    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "gen_ai.usage.cache_write.input_tokens"}, // claude
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "gen_ai.usage.cache_creation.input_tokens"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "gen_ai.usage.cache_creation_input_tokens"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "gen_ai.usage.details.cache_write_tokens"}, // pydantic
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "langsmith.usage_metadata/input_token_details/cache_creation"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "llm.token_count.prompt_details.cache_write"},
    {FIELD_CACHE_WRITE_TOKENS, ATTRIBUTE, "ai.usage.inputTokenDetails.cacheWriteTokens"},

    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "gen_ai.usage.total_tokens"}, // traceloop
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "llm.usage.total_tokens"},    // traceloop, before
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "llm.token_count.total"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "ai.usage.totalTokens"},
    {FIELD_TOTAL_TOKENS, ATTRIBUTE, "mlflow.chat.tokenUsage/total_tokens"},

    {FIELD_COST, ATTRIBUTE, "llm.cost.total"}, // openinference
    {FIELD_COST, ATTRIBUTE, "cost_usd"},       // claude
    {FIELD_COST, ATTRIBUTE, "operation.cost"}, // logfire
    {FIELD_COST, ATTRIBUTE, "langfuse.observation.cost_details/total"},
};

const struct dialect otlp_dialect = {
    .source = {"otlp", 4},
    .is_general = true,
    DIALECT_RULES(rules),
};
