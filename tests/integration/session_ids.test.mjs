// SPDX-License-Identifier: Apache-2.0
// Which ids a client may give its session: sessions are stored by the time in them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { World, newId } from './session_world.mjs';

let world, ids, agent;
before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

test('an id must have been made within a day of now, unless its session is there', async () => {
  const hour = 3600_000;
  for (const hours of [-25, 25, 24 * 400, -24 * 400]) {
    const refused = (await agent.post('agent-sessions', { id: newId('ses', Date.now() + hours * hour) })).expect(400);
    assert.deepEqual([refused.code, refused.body.field], ['invalid_body', 'id']);
  }
  for (const hours of [-23, 23])
    (await agent.post('agent-sessions', { id: newId('ses', Date.now() + hours * hour) })).expect(201);
  const old = newId('ses', Date.parse('2024-05-17'));
  await world.sql(`INSERT INTO agent_sessions (id, workspace_id, persona_id, chain_id, status, started_at, heartbeat_at)
    VALUES ('${old}', '${ids.ws}', '${ids.ariadne}', '${old}', 'running', now(), now())`);
  assert.equal((await agent.post('agent-sessions', { id: old })).expect(200).body.session.id, old);
  (await agent.post(`agent-sessions/${old}/steps`, { stepType: 'thinking' })).expect(201);
});
