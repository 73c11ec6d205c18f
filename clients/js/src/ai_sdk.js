// SPDX-License-Identifier: Apache-2.0
// A language model middleware for the AI SDK (wrapLanguageModel): each call of the model is a step into which its
// reasoning and text stream. A tool's step begins when the model asks for it and ends when the next call brings its
// result, since a middleware sees nothing of the tool itself.
import { fittingContent } from './body.js';
import { describe, isAbort, parsed } from './runs.js';

const total = (count) => (typeof count === 'object' && count ? count.total : count);

function usageOf(usage, model) {
  if (!usage) return undefined;
  return {
    model,
    inputTokens: total(usage.inputTokens),
    outputTokens: total(usage.outputTokens),
    totalTokens: usage.totalTokens,
    reasoningTokens: usage.outputTokens?.reasoning ?? usage.reasoningTokens,
    cacheReadTokens: usage.inputTokens?.cacheRead ?? usage.cachedInputTokens,
    cacheWriteTokens: usage.inputTokens?.cacheWrite,
  };
}

const errorOf = (error) => (isAbort(error) ? { code: 'cancelled', message: 'the call was stopped' } : describe(error));

class Recorder {
  #tools = new Map();

  constructor({ session, parent }) {
    Object.assign(this, { session, parent });
  }

  start(model) {
    return this.session.startStep({ type: 'generation', name: model.modelId, parent: this.parent });
  }

  startTool({ toolCallId, toolName, input }) {
    if (this.#tools.has(toolCallId)) return;
    const content = fittingContent({ tool: toolName, args: parsed(input) });
    const step = this.session.startStep({ type: 'tool_call', name: toolName, content, parent: this.parent });
    this.#tools.set(toolCallId, { step, content });
  }

  // Results stand in the prompt of the next call.
  endTools(prompt) {
    for (const message of prompt ?? []) {
      if (!Array.isArray(message.content)) continue;
      for (const part of message.content) if (part.type === 'tool-result') this.#endTool(part);
    }
  }

  #endTool({ toolCallId, output }) {
    const known = this.#tools.get(toolCallId);
    if (!known) return;
    this.#tools.delete(toolCallId);
    const result = output?.value ?? output;
    const failed = /^error/.test(output?.type ?? '') || output?.type === 'execution-denied';
    const error = failed
      ? { code: 'tool_error', message: typeof result === 'string' ? result : JSON.stringify(result) }
      : undefined;
    known.step.complete({ content: fittingContent({ ...known.content, result }), error });
  }

  take(step, part) {
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') step.progress({ delta: part.delta });
    else if (part.type === 'reasoning-end') step.progress({ delta: '\n\n' });
    else if (part.type === 'tool-call') this.startTool(part);
  }
}

// The stream as it is, seen by the recorder. Whoever stops reading ends the step too.
function watched(stream, recorder, step, modelId) {
  const reader = stream.getReader();
  let outcome = {};
  const failed = (error) => step.fail(errorOf(error));
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            step.complete(outcome);
            return controller.close();
          }
          recorder.take(step, value);
          if (value.type === 'finish') outcome = { ...outcome, usage: usageOf(value.usage, modelId) };
          if (value.type === 'error') outcome = { ...outcome, error: errorOf(value.error) };
          controller.enqueue(value);
        } catch (error) {
          failed(error);
          controller.error(error);
        }
      },
      cancel(reason) {
        step.fail({ code: 'cancelled', message: 'the stream was not read to its end' });
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

// { session, parent? }: a SessionTrace, which the program ends, and the step that the calls stand below.
export function traceMiddleware(options) {
  const recorder = new Recorder(options);
  return {
    specificationVersion: 'v3',

    async wrapGenerate({ doGenerate, params, model }) {
      recorder.endTools(params.prompt);
      const step = recorder.start(model);
      try {
        const result = await doGenerate();
        const texts = result.content.filter((part) => part.type === 'reasoning' || part.type === 'text');
        step.complete({
          content: texts.map((part) => part.text).join('\n\n') || undefined,
          usage: usageOf(result.usage, model.modelId),
        });
        for (const part of result.content) if (part.type === 'tool-call') recorder.startTool(part);
        return result;
      } catch (error) {
        step.fail(errorOf(error));
        throw error;
      }
    },

    async wrapStream({ doStream, params, model }) {
      recorder.endTools(params.prompt);
      const step = recorder.start(model);
      try {
        const result = await doStream();
        return { ...result, stream: watched(result.stream, recorder, step, model.modelId) };
      } catch (error) {
        step.fail(errorOf(error));
        throw error;
      }
    },
  };
}
