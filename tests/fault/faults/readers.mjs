// SPDX-License-Identifier: Apache-2.0
// Readers who read slowly, or not at all: the pusher cuts off who is stuck, keeps no more for them than it should, and
// nobody else notices. When they read again they miss nothing.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lib/patience.mjs';
import { metric } from '../../lib/metrics.mjs';

const BULK = 14_000;
const READERS = 6;
const STEPS = 80;
const MEMORY_MOST = 48 << 20;

// A writer of long steps, and its readers, of whom the first ones are to be slow.
async function withBulk(world, round, slowly) {
  const pusher = world.instance.pid('trace-pusher');
  const memory = world.memory(pusher);
  const readers = [];
  round.write({ steps: STEPS, bulk: BULK }, (session) => {
    for (let i = 0; i < READERS; i++) readers.push(round.open(world.agent, [`session:${session}`]));
  });
  await until(
    () => readers.length >= READERS && readers.slice(0, READERS).every((reader) => reader.last(reader.rooms[0]) >= 0),
    'the readers to be there',
  );
  await slowly(readers.slice(0, READERS - 1));
  const more = world.memory(pusher) - memory;
  assert.ok(more < MEMORY_MOST, `the pusher took ${more} bytes more`);
}

const slow = {
  name: 'readers: slow',
  isAlone: true,
  spares: true,
  act: (world, round, random) =>
    withBulk(world, round, async (readers) => {
      for (let i = 0; i < 12; i++) {
        for (const reader of readers) reader.stream.pause();
        await sleep(random.between(100, 300));
        for (const reader of readers) reader.stream.resume();
        await sleep(random.between(1, 10));
      }
    }),
};

const stuck = {
  name: 'readers: stuck',
  isAlone: true,
  spares: true,
  act: (world, round) =>
    withBulk(world, round, async (readers) => {
      const cut = () => metric(world.instance, 'trace_pusher_closed_total', { reason: 'stuck' });
      const before = await cut();
      for (const reader of readers) reader.stream.pause();
      const isCut = async () => (await cut()) - before >= readers.length;
      await until(isCut, 'the stuck readers to be cut off', 20_000);
      for (const reader of readers) reader.stream.resume();
    }),
};

export default [slow, stuck];
