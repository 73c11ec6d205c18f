// SPDX-License-Identifier: Apache-2.0
// Langfuse 3: a wire of its own. Each observation is told to its parent.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Langfuse } from 'langfuse';
import { QUESTION, USAGE, run, runByHand } from '../../agent.mjs';

const langfuse = new Langfuse({ flushAt: 1 });
const trace = langfuse.trace({ name: 'ariadne', input: QUESTION, sessionId: 'maze-1', userId: 'theseus' });
const parents = new AsyncLocalStorage();
const record = async (kind, name, input, work) => {
  const parent = parents.getStore() ?? trace;
  const one = kind === 'model' ? parent.generation({ name, input, model: name }) : parent.span({ name, input });
  try {
    const output = await parents.run(one, work);
    one.end({ output, ...(kind === 'model' && { usage: USAGE }) });
    return output;
  } catch (error) {
    one.end({ level: 'ERROR', statusMessage: error.message });
    throw error;
  }
};
await run(
  () => runByHand(record),
  () => langfuse.shutdownAsync(),
);
