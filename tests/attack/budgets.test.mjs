// SPDX-License-Identifier: Apache-2.0
// Whoever asks without end is told to go on more slowly, and nobody else; an agent's work is not lost by it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { addPerson, addPersona, addToken } from '../lib/people.mjs';
import { agentOf } from '../lib/rest.mjs';

// What comes at once: ten minutes of one a second.
const BURST = 600;
const SIDE_BY_SIDE = 20;
const SCOPES = ['read', 'sessions:write', 'messages:write'];

let instance;
before(async () => {
  const env = { TRACE_BUDGET_REQUESTS: '1', TRACE_BUDGET_STEPS: '1', TRACE_BUDGET_BYTES: '2000' };
  instance = await start({ env });
});
after(() => instance?.stop());

// Asks until `most` answers have come, or the first refusal; returns how many were let in.
async function askOn(ask, most = 3 * BURST) {
  let accepted = 0;
  for (let asked = 0; asked < most; asked += SIDE_BY_SIDE) {
    const replies = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, ask));
    accepted += replies.filter(({ status }) => status !== 429).length;
    const refused = replies.find(({ status }) => status === 429);
    if (refused) {
      assert.equal(refused.code, 'too_many_requests');
      assert.equal(refused.headers.get('retry-after'), '1');
      return accepted;
    }
  }
  return accepted;
}

async function agent(name) {
  const { id } = await addPersona(instance, name);
  return addToken(instance, id, SCOPES);
}

const steps = (n) =>
  Array.from({ length: n }, () => JSON.stringify({ op: 'record', id: newId('stp'), stepType: 'note' }));

test('a person who asks without end is held back, in reading and in writing; another one is not', async () => {
  const [mallory, bob] = [await addPerson(instance, 'Mallory'), await addPerson(instance, 'Bob')];
  const accepted = await askOn(() => mallory.get('/api/auth/me'));
  // What comes in meanwhile is let in too, and two side by side may see the last one.
  assert.ok(accepted >= BURST && accepted < 2 * BURST, `${accepted} were answered`);
  await mallory.get('/api/auth/me');
  await bob.get('/api/auth/me').then((reply) => reply.expect(200));
  const said = { content: 'hello' };
  (await bob.post(`streams/${instance.env.TRACE_STREAM}/messages`, said)).expect(201);
  assert.ok((await metric(instance, 'workspace_api_over_budget_total', { kind: 'requests' })) > 0);
});

test('all programs of the machine count together', async () => {
  const mallory = await addPerson(instance, 'Moriarty');
  const [first, second] = ['/api/auth/me', 'agent-sessions'];
  await askOn(() => mallory.get(first));
  const refused = await askOn(() => mallory.get(second), BURST);
  assert.ok(refused < BURST / 2, `${refused} were answered by the other program`);
});

test('an agent that writes too many steps can still end what it has begun, and live', async () => {
  const client = await agent('Sisyphus');
  const session = (await client.post('agent-sessions', {})).expect(201).body.session.id;
  const open = (await client.post(`agent-sessions/${session}/steps`, { stepType: 'note' })).expect(201).body.step.id;
  for (let i = 0; i < 3; i++) {
    const reply = await client.post(`agent-sessions/${session}/batch`, steps(400).join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    reply.expect(...(i < 2 ? [200] : [429]));
  }
  assert.equal((await client.post(`agent-sessions/${session}/steps`, { stepType: 'note' })).code, 'too_many_requests');
  const put = await client.put(`agent-sessions/${session}/steps/${newId('stp')}`, { stepType: 'note' });
  assert.equal(put.expect(429).headers.get('retry-after'), '1');
  (await client.post(`agent-sessions/${session}/heartbeat`)).expect(200, 204);
  (await client.post(`agent-sessions/${session}/steps/${open}/complete`, {})).expect(200);
  (await client.post(`agent-sessions/${session}/complete`, {})).expect(200);
  // It reads on: that is another budget; and other agents write on.
  (await client.get(`agent-sessions/${session}`)).expect(200);
  (await (await agent('Tantalus')).post('agent-sessions', {})).expect(201);
});

test('bytes are counted, however few steps they are', async () => {
  const client = await agent('Atlas');
  const session = (await client.post('agent-sessions', {})).expect(201).body.session.id;
  const content = 'x'.repeat(700_000);
  const write = () => client.post(`agent-sessions/${session}/steps`, { stepType: 'note', content });
  (await write()).expect(201);
  (await write()).expect(201);
  assert.equal((await write()).code, 'too_many_requests');
  assert.equal(await metric(instance, 'trace_api_over_budget_total', { kind: 'bytes' }), 1);
});

test('invented credentials are refused as what they are, and push nobody out', async () => {
  const mallory = await addPerson(instance, 'Maurice');
  await askOn(() => mallory.get('/api/auth/me'));
  for (let i = 0; i < 50; i++)
    (
      await agentOf(instance)
        .with({ token: `atk_${newId('tok')}${i}`.padEnd(47, 'x') })
        .get('/api/auth/me')
    ).expect(401);
  assert.ok((await askOn(() => mallory.get('/api/auth/me'), BURST)) < BURST / 2);
});
