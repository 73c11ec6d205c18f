// SPDX-License-Identifier: Apache-2.0
// What a token may do is what its scopes say: one for the door of foreign agents writes nothing by REST, not even into
// the sessions that came in there; those are their persona's, whose own tokens write them as they write any other.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { addPersona, addToken } from '../lib/people.mjs';

let instance, door, agent, other, session;
before(async () => {
  instance = await start();
  const token = (persona, scopes) => addToken(instance, persona, scopes);
  door = await token(instance.env.TRACE_PERSONA, ['ingest']);
  agent = await token(instance.env.TRACE_PERSONA, ['sessions:write']);
  other = await token((await addPersona(instance, 'Daedalus')).id, ['sessions:write', 'ingest']);
});
after(() => instance?.stop());

// A session that came in by the door, with a span that is still open.
async function doorSession() {
  const traceId = randomBytes(16).toString('hex');
  const span = {
    traceId,
    spanId: '00000000000000a1',
    name: 'work',
    attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
    startTimeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
  };
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  (await door.post('/ingest/otlp/v1/traces', body)).expect(200);
  const rows = await instance.psql(`SELECT id FROM agent_sessions WHERE at_door ORDER BY id`);
  return rows.at(-1).id;
}

const calls = () => {
  const path = `agent-sessions/${session}`;
  const note = { stepType: 'note', content: 'x' };
  const line = (op) => JSON.stringify({ op, id: newId('stp'), ...note });
  return {
    'put a step': (by) => by.put(`${path}/steps/${newId('stp')}`, note),
    'put a batch': (by) => by.post(`${path}/batch`, line('put')),
    'a batch': (by) => by.post(`${path}/batch`, line('record')),
    'change it': (by) => by.patch(path, { title: `called ${newId('x')}` }),
    'start a step': (by) => by.post(`${path}/steps`, note),
    heartbeat: (by) => by.post(`${path}/heartbeat`),
    'a new session': (by) => by.post('agent-sessions', {}),
    'end it': (by) => by.post(`${path}/complete`, {}),
  };
};

test('a token of the door writes nothing by REST', async () => {
  session = await doorSession();
  const whole = async () =>
    JSON.stringify(await instance.psql(`SELECT x FROM agent_sessions x WHERE id = '${session}'`)) +
    JSON.stringify(await instance.psql(`SELECT x FROM steps x WHERE session_id = '${session}' ORDER BY id`));
  const was = await whole();
  for (const [name, call] of Object.entries(calls())) {
    const reply = await call(door);
    assert.equal(reply.status, 403, `${name}: ${reply.status} ${reply.text}`);
    assert.deepEqual([reply.code, reply.body.scope], ['insufficient_scope', 'sessions:write'], name);
  }
  assert.equal(await whole(), was);
});

test("a persona's own token writes what came in for it by the door, and another persona's does not", async () => {
  session = await doorSession();
  for (const [name, call] of Object.entries(calls())) {
    if (name !== 'a new session') {
      const reply = await call(other);
      assert.equal(reply.status, 404, `${name}: ${reply.status} ${reply.text}`);
    }
    const reply = await call(agent);
    assert.ok([200, 201, 204].includes(reply.status), `${name}: ${reply.status} ${reply.text}`);
  }
});
