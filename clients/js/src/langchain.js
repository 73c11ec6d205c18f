// SPDX-License-Identifier: Apache-2.0
// A callback handler for LangChain and LangGraph: models, tools, retrievers and nodes become steps, and tokens stream into
// the open step. It has the shape of BaseCallbackHandler and does not import it.
import { Runs, describe, parsed, textOf } from './runs.js';

// Plumbing that a person does not want to see: its children stand at its parent.
const HIDDEN =
  /^(RunnableLambda|RunnableSequence|RunnableMap|RunnableParallel|RunnableCallable|ChannelWrite|Branch)|^__/;

const nameOf = (serialized, runName) => runName ?? serialized?.name ?? serialized?.id?.at(-1) ?? 'run';

function usageOf(message, model) {
  const usage = message?.usage_metadata;
  if (!usage) return undefined;
  return {
    model: message.response_metadata?.model_name ?? model,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.total_tokens,
    reasoningTokens: usage.output_token_details?.reasoning,
    cacheReadTokens: usage.input_token_details?.cache_read,
    cacheWriteTokens: usage.input_token_details?.cache_creation,
  };
}

// Reasoning, then text, then what tools the model asks for.
function contentOf(generation) {
  const message = generation?.message;
  const reasoning = message?.additional_kwargs?.reasoning_content ?? '';
  const text = message ? textOf(message.content) : (generation?.text ?? '');
  const calls = (message?.tool_calls ?? []).map((call) => `→ ${call.name}(${JSON.stringify(call.args)})`);
  return [reasoning, text, ...calls].filter(Boolean).join('\n\n');
}

const sourceOf = ({ pageContent, metadata = {} }) => ({
  type: /^https?:/.test(metadata.source ?? '') ? 'web' : 'document',
  title: metadata.title ?? metadata.source ?? 'document',
  url: /^https?:/.test(metadata.source ?? '') ? metadata.source : undefined,
  snippet: pageContent,
});

function titleOf(inputs) {
  const messages = Array.isArray(inputs?.messages) ? inputs.messages : [];
  const last = messages.at(-1);
  return textOf(last?.content ?? last?.[1] ?? inputs?.input ?? inputs?.question ?? '') || undefined;
}

export class AgentTraceHandler {
  name = 'agent-trace';
  // Called in the order of what happens. The methods only queue, so nothing waits for the network.
  awaitHandlers = true;
  raiseError = false;
  ignoreLLM = false;
  ignoreChain = false;
  // It stands for tools, too.
  ignoreAgent = false;
  ignoreRetriever = false;
  ignoreCustomEvent = true;
  #runs;

  // { emitter?, session?, parent? } as of Runs. `preferStreaming: false` leaves models that are not asked to stream alone;
  // otherwise they do, so that their text is seen while it is written.
  constructor({ preferStreaming = true, ...options } = {}) {
    this.#runs = new Runs(options);
    if (preferStreaming) this.lc_prefer_streaming = true;
  }

  copy() {
    return this;
  }

  flush(timeoutMs) {
    return this.#runs.flush(timeoutMs);
  }

  // In the order in which the callback manager of @langchain/core 0.3 to 1 calls it; its declared types have another.
  handleChainStart(chain, inputs, runId, parentRunId, tags = [], _metadata, _type, runName) {
    const name = nameOf(chain, runName);
    const isRoot = !this.#runs.get(parentRunId);
    const isShown = !isRoot && !tags.includes('langsmith:hidden') && !HIDDEN.test(name);
    const spec = isShown ? { type: 'group', name } : undefined;
    this.#runs.start(runId, parentRunId, { spec, title: titleOf(inputs) ?? name });
  }

  handleChainEnd(_outputs, runId) {
    this.#runs.end(runId);
  }

  handleChainError(error, runId) {
    this.#runs.end(runId, { error });
  }

  handleChatModelStart(llm, messages, runId, parentRunId, extra, _tags, metadata, runName) {
    const title = textOf(messages.at(0)?.at(-1)?.content) || undefined;
    this.#startModel(nameOf(llm, runName), runId, parentRunId, metadata, title);
  }

  handleLLMStart(llm, prompts, runId, parentRunId, extra, _tags, metadata, runName) {
    this.#startModel(nameOf(llm, runName), runId, parentRunId, metadata, prompts.at(0));
  }

  #startModel(name, runId, parentRunId, metadata, title) {
    const model = metadata?.ls_model_name;
    const spec = { type: 'generation', name: model ?? name };
    this.#runs.start(runId, parentRunId, { spec, title }).model = model;
  }

  handleLLMNewToken(token, _index, runId, _parent, _tags, fields) {
    const step = this.#runs.get(runId)?.step;
    const reasoning = fields?.chunk?.message?.additional_kwargs?.reasoning_content;
    const delta = (typeof reasoning === 'string' ? reasoning : '') + textOf(token);
    if (delta) step?.progress({ delta });
  }

  handleLLMEnd(output, runId) {
    const generation = output.generations?.at(0)?.at(0);
    const usage = usageOf(generation?.message, this.#runs.get(runId)?.model);
    this.#runs.end(runId, { outcome: { content: contentOf(generation) || undefined, usage } });
  }

  handleLLMError(error, runId) {
    this.#runs.end(runId, { error });
  }

  handleToolStart(tool, input, runId, parentRunId, _tags, _metadata, runName) {
    const name = nameOf(tool, runName);
    const args = parsed(input);
    const spec = { type: 'tool_call', name, content: { tool: name, args } };
    Object.assign(this.#runs.start(runId, parentRunId, { spec, title: name }), { tool: name, args });
  }

  handleToolEnd(output, runId) {
    const { tool, args } = this.#runs.get(runId) ?? {};
    const result = output?.content ?? output;
    // LangGraph turns a tool's error into a message that says so.
    const error = output?.status === 'error' ? { code: 'tool_error', message: textOf(output.content) } : undefined;
    this.#runs.end(runId, { outcome: { content: { tool, args, result } }, error });
  }

  handleToolError(error, runId) {
    const { tool, args } = this.#runs.get(runId) ?? {};
    this.#runs.end(runId, { outcome: { content: { tool, args, result: describe(error).message } }, error });
  }

  handleRetrieverStart(retriever, query, runId, parentRunId, _tags, _metadata, runName) {
    const spec = { type: 'retrieval', name: nameOf(retriever, runName), content: { query } };
    this.#runs.start(runId, parentRunId, { spec, title: query }).query = query;
  }

  handleRetrieverEnd(documents, runId) {
    const content = { query: this.#runs.get(runId)?.query, resultCount: documents.length };
    this.#runs.end(runId, { outcome: { content, sources: documents.map(sourceOf) } });
  }

  handleRetrieverError(error, runId) {
    this.#runs.end(runId, { error });
  }
}
