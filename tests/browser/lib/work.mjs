// SPDX-License-Identifier: Apache-2.0
// The steps of a long trace.
import { newId } from '../../lib/ids.mjs';

const tools = ['read', 'bash', 'grep', 'edit'];
const files = ['cgi/serve.c', 'store/pg.c', 'static/trace/tree-view.js', 'tests/browser/views.test.mjs'];

// As an agent works: every tenth step thinks, every fiftieth fails, and every hundredth hands to another agent the thirty
// that follow.
export function workOf(began) {
  let branch;
  return (i) => {
    const at = began + i * 400;
    const times = {
      startedAt: new Date(at).toISOString(),
      completedAt: new Date(at + 40 + ((i * 97) % 900)).toISOString(),
    };
    const id = newId('stp');
    const inBranch = i % 100 > 0 && i % 100 <= 30;
    const parent = inBranch && branch ? { parentStepId: branch } : {};
    if (i % 100 === 0) {
      branch = id;
      const end = { completedAt: new Date(at + 31 * 400).toISOString() };
      return { id, stepType: 'agent', content: { name: 'researcher', task: `part ${i / 100 + 1}` }, ...times, ...end };
    }
    if (i % 10 === 0)
      return {
        id,
        stepType: 'thinking',
        content: `The **next** file to look at is \`${files[i % 4]}\`.`,
        ...times,
        ...parent,
        usage: { model: 'gpt-6.2-sol', inputTokens: 900 + i, outputTokens: 80 },
      };
    const content = {
      tool: tools[i % 4],
      args: { path: files[(i >> 2) % 4], lines: [i, i + 40] },
      result: `${i} lines\n`,
    };
    const error = i % 50 === 49 && { error: { code: 'timeout', message: `${tools[i % 4]} did not answer in 30 s` } };
    return { id, stepType: 'tool_call', content, ...times, ...parent, ...error };
  };
}
