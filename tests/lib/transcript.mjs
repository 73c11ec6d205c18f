// SPDX-License-Identifier: Apache-2.0
// A coding agent's long session, as its steps are put: agents within agents, tools side by side, diffs, coloured terminal
// output, pictures as base64, and now and then a result of 900 KiB. The same seed makes the same session, but for its ids.
import { randomFrom } from '../fault/random.mjs';
import { newId } from './ids.mjs';

const LARGE_BYTES = 900 * 1024;
const DEEPEST = 5;
const FILES = ['sse/room.c', 'store/step.c', 'static/trace/rows.js', 'tests/größe.mjs', '文書/読む.md'];
const ESC = '\u001b';

const diffOf = (file, at, n) =>
  [
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${at},3 +${at},3 @@`,
    ' int n;',
    `-\treturn ${n};`,
    `+\treturn ${n + 1};`,
  ].join('\n');
const terminal = (n) =>
  `${ESC}[1m${n} tests${ESC}[0m\r\n${ESC}[32m✓ passed ${n - 1}${ESC}[0m\r\n${ESC}[38;5;196m✗ failed 1${ESC}[0m\tat line ${n}`;
const picture = (random) => {
  const bytes = Buffer.from(Array.from({ length: 2000 }, () => random.below(256)));
  return `data:image/png;base64,${Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), bytes]).toString('base64')}`;
};

// What a step of each kind says besides its times.
const kinds = {
  thinking: (n) => ({ stepType: 'thinking', content: `Step ${n}: the test of line ${n} fails, so I read it. 🧵` }),
  generation: (n, random) => ({
    stepType: 'generation',
    name: 'chat',
    content: `I change line ${n}.`,
    usage: { inputTokens: 100 + random.below(900), outputTokens: 1 + random.below(200) },
  }),
  edit: (n, random) => ({
    stepType: 'tool_call',
    name: 'edit_file',
    content: { tool: 'edit_file', args: { path: random.pick(FILES) }, result: diffOf(random.pick(FILES), n, n) },
  }),
  shell: (n) => ({
    stepType: 'tool_call',
    name: 'shell',
    content: { tool: 'shell', args: { command: `make check N=${n}` }, result: terminal(n) },
    input: { command: `make check N=${n}`, env: { CI: '1' } },
  }),
  look: (n, random) => ({
    stepType: 'tool_call',
    name: 'screenshot',
    content: { tool: 'screenshot', args: {}, result: picture(random) },
  }),
  large: (n) => {
    const line = `${String(n).padStart(6)} the log of the build, one line of many: größer, 大きい\n`;
    return { stepType: 'tool_call', name: 'read_log', output: line.repeat(LARGE_BYTES / Buffer.byteLength(line)) };
  },
  failed: (n) => ({
    stepType: 'tool_call',
    name: 'shell',
    error: { code: 'exit_1', message: `make: *** [line ${n}] Error 1` },
  }),
};
const frequent = ['thinking', 'generation', 'edit', 'shell', 'shell', 'edit', 'generation', 'look', 'failed'];

// `n` steps that end before `until` (milliseconds), each `{id, ...}` as PUT takes it. Children lie within their parents.
export function makeTranscript({ n, seed, until }) {
  const random = randomFrom(seed);
  const steps = [];
  const add = (parent, from, to, said) => {
    const time = (ms) => new Date(ms).toISOString();
    steps.push({
      id: newId('stp'),
      ...(parent && { parentStepId: parent }),
      startedAt: time(from),
      completedAt: time(to),
      completed: true,
      ...said,
    });
    return steps.at(-1).id;
  };
  const fill = (parent, depth, from, to, most) => {
    const end = Math.min(n, steps.length + most);
    for (let at = from; steps.length < end; ) {
      const lasts = Math.max(1, Math.floor((to - from) / (most + 1)));
      if (depth < DEEPEST && random.below(12) === 0) {
        const name = `agent of depth ${depth}`;
        const id = add(parent, at, at + lasts, { stepType: 'agent', name });
        fill(id, depth + 1, at, at + lasts, Math.min(end - steps.length, 5 + random.below(60)));
      } else {
        // Tools side by side begin together and end one after the other.
        for (let k = random.below(5) === 0 ? 4 : 1; k > 0 && steps.length < end; k--) {
          const kind = steps.length % 997 === 500 ? 'large' : random.pick(frequent);
          add(parent, at, at + Math.ceil(lasts / k), kinds[kind](steps.length, random));
        }
      }
      at = Math.min(to, at + lasts);
    }
  };
  fill(undefined, 0, until - n * 1000, until, n);
  return steps;
}
