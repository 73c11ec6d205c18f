// SPDX-License-Identifier: Apache-2.0
// trace_session_ask(): an agent in C waits for a person, and goes on with what was decided.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start, until } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { drive } from './emitter_driver.mjs';

let instance, person, agent;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  agent = agentOf(instance);
});
after(() => instance?.stop());

let channels = 0;
async function ask(seconds) {
  const name = `ask-${(channels += 1)}`;
  const { id } = (await person.post('streams', { type: 'channel', name })).expect(201).body.stream;
  const driver = drive({ ...instance.env, TRACE_URL: instance.url }, 'ask', id, String(seconds));
  const [session] = await driver.next('session');
  const read = async () => (await agent.get(`agent-sessions/${session}`)).expect(200).body;
  const { approval } = await until(async () => {
    const { session: now } = await read();
    return now.approval && now;
  }, 'the question');
  return { driver, session, approval, read, path: `agent-sessions/${session}/steps/${approval.stepId}/decision` };
}

test('what a person decides comes back, with the note', async () => {
  const { driver, approval, path, read } = await ask(600);
  assert.equal(approval.question, 'Shall I "go" on?');
  assert.deepEqual(approval.options, [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No', danger: true },
  ]);
  const { decision } = (await person.post(path, { option: 'no', note: 'not today' })).expect(200).body.step.content;
  assert.deepEqual(await driver.next('answer'), ['ok', 'no', decision.decidedBy.id, 'not', 'today']);
  assert.equal(await driver.status, 0);
  const { steps } = await read();
  assert.deepEqual([steps.length, steps[0].status], [1, 'completed']);
});

test('nobody in time is no, and the question is over', async () => {
  const { driver, path, read } = await ask(2);
  assert.equal((await driver.next('answer'))[0], 'away');
  assert.equal(await driver.status, 0);
  const { steps } = await read();
  assert.deepEqual([steps[0].status, steps[0].error.code], ['failed', 'expired']);
  assert.equal((await person.post(path, { option: 'yes' })).expect(409).code, 'approval_closed');
});

test('a session that is stopped stops the waiting', async () => {
  const { driver, session } = await ask(600);
  (await person.post(`agent-sessions/${session}/cancel`)).expect(200);
  assert.equal((await driver.next('answer'))[0], 'ended');
  await driver.status;
});
