// SPDX-License-Identifier: Apache-2.0
// The programs' wall clock jumps by an hour and back. Readers go on, new ones are let in, and no session is taken for
// silent, since the database's time counts.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lib/patience.mjs';

const HOUR_S = 3600;

// NaN while nobody answers: another fault may be under way.
async function programsClock(world) {
  const reply = await world.agent.get('agent-sessions?limit=1').catch(() => null);
  return Number(reply?.headers.get('trace-time') ?? NaN);
}

async function jump(world, seconds) {
  world.clock.set(seconds);
  const isThere = async () => Math.abs((await programsClock(world)) - Date.now() - seconds * 1000) < 60_000;
  await until(isThere, `the programs' clocks to be ${seconds} s away`);
}

async function letsIn(world, round) {
  const reader = round.open(world.person, [`stream:${round.streams[0]}`]);
  await until(() => reader.last(reader.rooms[0]) >= 0, 'a new reader to be let in', 10_000);
}

const stepped = (name, seconds) => ({
  name: `clock stepped ${name}`,
  isAlone: true,
  spares: true,
  async act(world, round, random) {
    try {
      await jump(world, seconds);
      await sleep(random.between(1200, 2500));
      await letsIn(world, round);
    } finally {
      await jump(world, 0);
    }
    await sleep(1200);
    await letsIn(world, round);
    const { sessions } = (await world.agent.get('agent-sessions?status=failed')).body;
    assert.deepEqual(
      sessions.filter(({ error }) => error?.code === 'heartbeat_lost'),
      [],
    );
  },
});

export default [stepped('an hour on', HOUR_S), stepped('an hour back', -HOUR_S)];
