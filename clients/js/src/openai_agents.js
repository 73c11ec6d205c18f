// SPDX-License-Identifier: Apache-2.0
// A trace processor for the OpenAI Agents SDK: a trace becomes a session, a span a step. Pass it to addTraceProcessor()
// or setTraceProcessors().
import { Runs, parsed } from './runs.js';

// What only wraps a run: its children stand at its parent.
const HIDDEN = new Set(['task', 'turn']);
const TYPES = {
  agent: 'agent',
  function: 'tool_call',
  generation: 'generation',
  response: 'generation',
  handoff: 'handoff',
  guardrail: 'guardrail',
};

function typeOf(data) {
  const type = data.type === 'custom' ? (data.data?.sdk_span_type ?? 'group') : data.type;
  return HIDDEN.has(type) ? undefined : (TYPES[type] ?? 'group');
}

function usageOf(usage, model) {
  if (!usage) return undefined;
  return {
    model,
    inputTokens: usage.input_tokens ?? usage.inputTokens,
    outputTokens: usage.output_tokens ?? usage.outputTokens,
    totalTokens: usage.total_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens,
    cacheReadTokens: usage.input_tokens_details?.cached_tokens,
  };
}

// The text of chat completions' choices, or of the output items of a response.
function textsOf(items) {
  const texts = (Array.isArray(items) ? items : []).flatMap((item) => {
    const message = item.choices?.at(0)?.message ?? item;
    const parts = Array.isArray(message.content) ? message.content.map((part) => part.text) : [message.content];
    const calls = (message.tool_calls ?? []).map((call) => `→ ${call.function?.name}(${call.function?.arguments})`);
    if (item.type === 'function_call') calls.push(`→ ${item.name}(${item.arguments})`);
    return [...parts, ...calls];
  });
  return texts.filter((text) => typeof text === 'string' && text).join('\n\n') || undefined;
}

const outcomes = {
  function: (data) => ({ content: { tool: data.name, args: parsed(data.input), result: parsed(data.output) } }),
  generation: (data) => ({
    content: textsOf(data.output),
    usage: usageOf(data.usage, data.model),
    input: data.input,
    output: data.output,
  }),
  response: (data) => ({
    content: textsOf(data._response?.output),
    usage: usageOf(data._response?.usage, data._response?.model),
  }),
  handoff: (data) => ({ content: { from: data.from_agent, to: data.to_agent } }),
  guardrail: (data) => ({ content: { name: data.name, triggered: Boolean(data.triggered) } }),
};

export class AgentTraceProcessor {
  #runs;

  // { emitter?, session?, parent? } as of Runs.
  constructor(options) {
    this.#runs = new Runs(options);
  }

  async onTraceStart(trace) {
    const metadata = trace.groupId ? { groupId: trace.groupId, ...trace.metadata } : trace.metadata;
    this.#runs.start(trace.traceId, undefined, { title: trace.name, metadata });
  }

  async onTraceEnd(trace) {
    const run = this.#runs.get(trace.traceId);
    this.#runs.end(trace.traceId, { error: run?.error });
  }

  async onSpanStart(span) {
    const data = span.spanData;
    const type = typeOf(data);
    const name = data.name ?? (data.type === 'handoff' ? `${data.from_agent} → ${data.to_agent ?? '?'}` : data.type);
    const spec = type && { type, name };
    if (spec && type === 'tool_call') spec.content = { tool: data.name, args: parsed(data.input) };
    this.#runs.start(span.spanId, span.parentId ?? span.traceId, { spec, title: name });
  }

  async onSpanEnd(span) {
    const data = span.spanData;
    const error = span.error && { code: span.error.data?.code ?? 'failed', message: span.error.message };
    // The trace itself never says that it failed; the agents at its top do.
    const root = this.#runs.get(span.traceId);
    if (error && root && typeOf(data) === 'agent') root.error = error;
    this.#runs.end(span.spanId, { outcome: outcomes[data.type]?.(data) ?? {}, error });
  }

  async forceFlush() {
    await this.#runs.flush();
  }

  async shutdown(timeoutMs) {
    await this.#runs.flush(timeoutMs);
  }
}
