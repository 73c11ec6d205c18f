// SPDX-License-Identifier: Apache-2.0
// Asking a person, by the libraries for JavaScript and Python: one call that returns the decision. That of C is
// integration/emitter_ask.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start, until } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { drive } from './drive.mjs';

let instance, person, agent;
before(async () => {
  instance = await start();
  person = await personOf(instance);
  agent = agentOf(instance);
});
after(() => instance?.stop());

const options = [
  { id: 'yes', label: 'Yes' },
  { id: 'no', label: 'No', danger: true },
];

async function ask(library, timeoutS, config = {}) {
  const name = `ask-${library}-${timeoutS}-${Object.keys(config).join('')}`;
  const { id } = (await person.post('streams', { type: 'channel', name })).expect(201).body.stream;
  const scenario = { streamId: id, ask: { question: 'Shall I "go" on?', options, timeoutS }, config };
  const driver = drive(library, { ...instance.env, TRACE_URL: instance.url }, scenario);
  const [session] = await driver.next('session');
  const read = async () => (await agent.get(`agent-sessions/${session}`)).expect(200).body;
  const asked = await until(async () => {
    const reply = await agent.get(`agent-sessions/${session}`);
    // The library goes on before the server has answered.
    if (reply.status === 404) return undefined;
    const { session: now, steps } = reply.expect(200).body;
    return (now.approval || steps[0]?.completedAt) && { approval: now.approval, step: steps[0] };
  }, 'the question');
  return { driver, session, ...asked, read, path: `agent-sessions/${session}/steps/${asked.step.id}/decision` };
}

for (const library of ['js', 'python']) {
  test(`${library}: what a person decides comes back, with the note`, async () => {
    const { driver, approval, path, read } = await ask(library, 600);
    assert.deepEqual([approval.question, approval.options], ['Shall I "go" on?', options]);
    const { decision } = (await person.post(path, { option: 'no', note: 'not today' })).expect(200).body.step.content;
    assert.deepEqual(await driver.next('answer'), ['ok', 'no', decision.decidedBy.id, 'not', 'today']);
    assert.deepEqual(await driver.next('complete'), ['ok']);
    assert.equal(await driver.status, 0);
    const { steps } = await read();
    assert.deepEqual([steps.length, steps[0].status], [1, 'completed']);
  });

  test(`${library}: nobody in time is no, and the question is over`, async () => {
    const { driver, path, read } = await ask(library, 2);
    assert.equal((await driver.next('answer'))[0], 'away');
    assert.equal(await driver.status, 0);
    const { steps } = await read();
    assert.deepEqual([steps[0].status, steps[0].error.code], ['failed', 'expired']);
    assert.equal((await person.post(path, { option: 'yes' })).expect(409).code, 'approval_closed');
  });

  test(`${library}: a session that is stopped stops the waiting`, async () => {
    const { driver, session } = await ask(library, 600, { heartbeatMs: 500 });
    (await person.post(`agent-sessions/${session}/cancel`)).expect(200);
    assert.equal((await driver.next('answer'))[0], 'ended');
    await driver.status;
  });

  test(`${library}: a question that does not fit is not asked`, async () => {
    const env = { ...instance.env, TRACE_URL: instance.url };
    for (const wrong of [
      { question: '' },
      { timeoutS: 0 },
      { timeoutS: 90_000 },
      { options: [{ id: '', label: 'x' }] },
    ]) {
      const driver = drive(library, env, { ask: { question: 'x', options: [], timeoutS: 5, ...wrong } });
      assert.equal((await driver.next('answer'))[0], 'invalid', JSON.stringify(wrong));
      assert.equal(await driver.status, 0);
    }
  });
}
