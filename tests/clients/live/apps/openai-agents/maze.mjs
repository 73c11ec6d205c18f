// SPDX-License-Identifier: Apache-2.0
// The agent in the OpenAI Agents SDK.
import { Agent, run as runAgent, tool, Usage, withGenerationSpan } from '@openai/agents';
import { MODEL, QUESTION, USAGE, modelOf, say, signal, tools } from '../../agent.mjs';

// A model that writes a generation span, as the SDK's own for chat completions does.
class ScriptedModel {
  constructor(agent) {
    this.next = modelOf(agent);
  }
  getResponse({ input }) {
    return withGenerationSpan(
      async (span) => {
        const { text, calls = [] } = await this.next();
        const output = [
          ...(text
            ? [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] }]
            : []),
          ...calls.map(({ id, name, args }) => ({
            type: 'function_call',
            callId: id,
            name,
            status: 'completed',
            arguments: JSON.stringify(args),
          })),
        ];
        span.spanData.input = Array.isArray(input) ? input : [{ role: 'user', content: input }];
        span.spanData.output = output;
        span.spanData.usage = { input_tokens: USAGE.input, output_tokens: USAGE.output };
        return { usage: new Usage({ inputTokens: USAGE.input, outputTokens: USAGE.output }), output };
      },
      { data: { model: MODEL } },
    );
  }
}

const field = (key) => ({
  type: 'object',
  properties: { [key]: { type: 'string' } },
  required: [key],
  additionalProperties: false,
});
const toolOf = (name, key, execute) =>
  tool({ name, description: `${name}.`, parameters: field(key), strict: true, execute });
const toolset = [
  toolOf('search', 'query', tools.search),
  toolOf('read_page', 'url', tools.read_page),
  toolOf('delegate', 'question', async ({ question }) => {
    say('start', 'delegate');
    return (await runAgent(make('researcher'), question, { signal })).finalOutput;
  }),
];
function make(name) {
  return new Agent({ name, instructions: 'You know mazes.', model: new ScriptedModel(name), tools: toolset });
}

export const main = () => runAgent(make('ariadne'), QUESTION, { signal });
