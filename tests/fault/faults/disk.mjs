// SPDX-License-Identifier: Apache-2.0
// The disk of PostgreSQL is full: what cannot be stored is refused with a 503 and is not there, what can be read is read;
// PostgreSQL may give up and be started anew. When there is room again everything goes on.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lib/patience.mjs';
import { newId } from '../../lib/ids.mjs';

const ANSWER_MS = 30_000;
const BULK = 'd'.repeat(100_000);

// Writes until a write is refused. Each one is answered in time, and a refused one has written nothing.
// The id of its step, if it is known to be absent.
async function writeUntilRefused(world, session) {
  const isRefused = async () => {
    const id = newId('stp');
    const began = performance.now();
    const reply = await world.agent.post(`agent-sessions/${session}/steps`, {
      id,
      stepType: 'thinking',
      completed: true,
      content: BULK,
    });
    assert.ok(performance.now() - began < ANSWER_MS, 'an answer in time');
    if (reply.status === 201) return undefined;
    assert.ok([502, 503].includes(reply.status), `status ${reply.status}: ${reply.text}`);
    assert.equal(typeof reply.code, 'string');
    assert.ok(reply.headers.get('retry-after'), 'Retry-After');
    return { step: reply.status === 503 ? id : undefined };
  };
  return until(isRefused, 'a write to be refused', 20_000);
}

const full = {
  name: 'disk full',
  isAlone: true,
  spares: true,
  async act(world, round, random) {
    let refused;
    const { session } = (await world.agent.post('agent-sessions', { title: 'on a full disk' })).expect(201).body;
    await sleep(random.between(200, 500));
    try {
      world.disk.fill();
      refused = await writeUntilRefused(world, session.id);
      await sleep(random.between(500, 2500));
    } finally {
      world.disk.free();
    }
    await world.instance.waitHealthy(60_000);
    if (refused.step) (await world.agent.get(`agent-sessions/${session.id}/steps/${refused.step}`)).expect(404);
    (await world.agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  },
};

export default [full];
