// SPDX-License-Identifier: Apache-2.0
// Genkit, which reports to the server that its developers' mode names.
import { genkit, z } from 'genkit';
import { QUESTION, USAGE, modelOf, run, say, signal, tools } from '../../agent.mjs';

const ai = genkit({});
const modelFor = (agent) => {
  const next = modelOf(agent);
  return ai.defineModel({ name: `fake/${agent}`, supports: { tools: true, multiturn: true } }, async () => {
    const { text, calls = [] } = await next();
    const content = [
      ...(text ? [{ text }] : []),
      ...calls.map(({ id, name, args }) => ({ toolRequest: { ref: id, name, input: args } })),
    ];
    return {
      message: { role: 'model', content },
      finishReason: 'stop',
      usage: { inputTokens: USAGE.input, outputTokens: USAGE.output },
    };
  });
};
const toolOf = (name, key, work) =>
  ai.defineTool(
    { name, description: `${name}.`, inputSchema: z.object({ [key]: z.string() }), outputSchema: z.string() },
    work,
  );
const toolset = [
  toolOf('search', 'query', tools.search),
  toolOf('read_page', 'url', (args) =>
    tools.read_page(args).catch((error) => {
      // A tool that throws ends a run of Genkit.
      return `error: ${error.message}`;
    }),
  ),
  toolOf('delegate', 'question', ({ question }) => {
    say('start', 'delegate');
    return ask('researcher', question);
  }),
];
async function ask(agent, prompt) {
  const { text } = await ai.generate({
    model: modelFor(agent),
    prompt,
    tools: toolset,
    maxTurns: 8,
    abortSignal: signal,
  });
  return text;
}
const ariadne = ai.defineFlow('ariadne', (question) => ask('ariadne', question));
await run(() => ariadne(QUESTION));
