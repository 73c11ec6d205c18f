// SPDX-License-Identifier: Apache-2.0
// For tests of tool servers that do what they should not: an instance, and agents with one server of the name `odd`.
import assert from 'node:assert/strict';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';
import { startBorrower, startCaller } from './agent_lenders.mjs';
import { Asker, only } from './agent_stage.mjs';

export const SECRET = 's3cret-of-the-tool-server';
const WORDS = 'the wombat sleeps in drawer nineteen';
export const script = { calls: [] };
export let instance, asker, model;

export async function begin() {
  instance = await start();
  asker = new Asker(await personOf(instance), instance);
  model = await startCaller(script);
}

export async function end() {
  model?.stop();
  await instance?.stop();
}

// Asks an agent with that server to make these calls.
export async function borrowing(server, calls, { knows = 1, then, written = [] } = {}) {
  const agent = await startBorrower(instance, model, { odd: server }, { knows });
  try {
    script.calls = [...calls.map((call) => [`odd__${call}`, {}]), ...written];
    const trace = await asker.run(`@ariadne please, ${WORDS}`, 60_000);
    await then?.(trace, agent);
    const shown = JSON.stringify([trace, await asker.messages(trace.asked.streamId)]);
    assert.ok(!shown.includes(SECRET), 'the key of a tool server is shown');
    return { ...trace, used: only(trace, 'tool_call'), agent };
  } finally {
    assert.equal((await agent.stop()).code, 0, agent.output);
    assert.ok(!agent.output.includes(SECRET), agent.output);
    assert.ok(!agent.output.includes(WORDS), agent.output);
  }
}

export const told = () =>
  model.requests
    .at(-1)
    .messages.filter((message) => message.role === 'tool')
    .at(-1).content;

export function answered(ran) {
  assert.equal(ran.session.status, 'completed', JSON.stringify(ran.session.error));
  return ran.used;
}
