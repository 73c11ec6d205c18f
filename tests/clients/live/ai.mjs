// SPDX-License-Identifier: Apache-2.0
// The agent in the AI SDK, of whichever version the caller has loaded. `telemetry`: options of each call.
import { MODEL, QUESTION, USAGE, modelOf, run, say, signal, tools } from './agent.mjs';

const result = ({ text, calls = [] }) => ({
  content: [
    ...(text ? [{ type: 'text', text }] : []),
    ...calls.map(({ id, name, args }) => ({
      type: 'tool-call',
      toolCallId: id,
      toolName: name,
      input: JSON.stringify(args),
    })),
  ],
  finishReason: calls.length ? { unified: 'tool-calls', raw: 'tool_calls' } : { unified: 'stop', raw: 'stop' },
  usage: {
    inputTokens: { total: USAGE.input, noCache: USAGE.input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: USAGE.output, text: USAGE.output, reasoning: 0 },
  },
  warnings: [],
});

export function runWith({ generateText, jsonSchema, Model, stepCountIs, telemetry, tool }, flush) {
  const field = (key) => jsonSchema({ type: 'object', properties: { [key]: { type: 'string' } }, required: [key] });
  const toolset = {
    search: tool({ description: 'Searches.', inputSchema: field('query'), execute: tools.search }),
    read_page: tool({ description: 'Reads a page.', inputSchema: field('url'), execute: tools.read_page }),
    delegate: tool({
      description: 'Asks a researcher.',
      inputSchema: field('question'),
      execute: ({ question }) => {
        say('start', 'delegate');
        return ask('researcher', question);
      },
    }),
  };
  async function ask(agent, prompt) {
    const next = modelOf(agent);
    const { text } = await generateText({
      model: new Model({ modelId: MODEL, doGenerate: async () => result(await next()) }),
      system: 'You know mazes.',
      prompt,
      tools: toolset,
      stopWhen: stepCountIs(8),
      abortSignal: signal,
      maxRetries: 0,
      ...telemetry(agent),
    });
    return text;
  }
  return run(() => ask('ariadne', QUESTION), flush);
}
