// SPDX-License-Identifier: Apache-2.0
// Hints are lost, come twice, overtake each other or come late: a relay between the publishers and the pusher
// (tests/fault/hints.c) sees to that. It stays until everybody is complete: a last hint that is lost has no successor
// that shows the hole, so the pusher's comparison of counters must find it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram } from '../../lib/program.mjs';

// Takes over the pusher's socket. Publishers that are connected already end when they are idle, and their successors find the relay.
async function relay(world, random, { drop = 0, double = 0, shuffle = 0, delay = 0 }) {
  const words = [world.socket('pusher-1.hint'), random.below(2 ** 31), drop, double, shuffle, delay].map(String);
  const child = spawn(await builtProgram('tests/fault/hints'), words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'ready', 'the relay is ready');
  for (const name of ['trace-api', 'workspace-api'])
    for (const pid of world.workers(name)) world.signal(pid, 'SIGTERM');
  return async () => {
    // A pusher that was restarted has taken its name back: that ended the relay.
    const lasted = child.exitCode === null;
    child.stdin.end();
    const { value } = await lines.next();
    await ended;
    return { lasted, ...JSON.parse(value) };
  };
}

const fault = (name, manner, counted) => ({
  name: `hints: ${name}`,
  isAlone: true,
  spares: true,
  async act(world, round, random) {
    const end = await relay(world, random, manner);
    await sleep(random.between(2000, 3000));
    return async () => {
      const counts = await end();
      assert.ok(counts[counted] > 0 || !counts.lasted, JSON.stringify(counts));
    };
  },
});

export default [
  fault('some dropped', { drop: 20 }, 'dropped'),
  fault('all dropped', { drop: 100 }, 'dropped'),
  fault('doubled', { double: 60 }, 'doubled'),
  fault('reordered', { shuffle: 50, delay: 60 }, 'shuffled'),
  fault('delayed', { delay: 400 }, 'passed'),
  fault('dropped, doubled and reordered', { drop: 15, double: 30, shuffle: 40, delay: 200 }, 'dropped'),
];
