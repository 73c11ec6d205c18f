// SPDX-License-Identifier: Apache-2.0
// One who opens streams without end takes their own places, and nobody else's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { metric, subscribers } from '../lib/metrics.mjs';
import { until } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const MOST = 64;
const TOKEN_MOST = 20;
const ADDRESS_MOST = 90;

let instance, room;
before(async () => {
  instance = await start({
    env: { TRACE_PUSHER_STREAMS_TOKEN: String(TOKEN_MOST), TRACE_PUSHER_STREAMS_ADDRESS: String(ADDRESS_MOST) },
  });
  room = `stream:${instance.env.TRACE_STREAM}`;
});
after(() => instance?.stop());

const firstOf = (stream) => stream.wait(({ type }) => ['ready', 'unavailable'].includes(type)).then(({ type }) => type);

async function flood(client, n, options = {}) {
  const rooms = [options.room ?? room];
  const streams = await Promise.all(Array.from({ length: n }, () => openEvents(client, rooms, { from: options.from })));
  const firsts = await Promise.all(streams.map(firstOf));
  return { streams, accepted: firsts.filter((type) => type === 'ready').length };
}

test('a person has 64 streams, over all their sign-ins; others are let in', async () => {
  const [mallory, bob] = [await addPerson(instance, 'Mallory'), await addPerson(instance, 'Bob')];
  const { streams, accepted } = await flood(mallory, 3 * MOST);
  assert.equal(accepted, MOST);
  for (const stream of streams.filter((one) => one.events[0].type === 'unavailable')) {
    assert.equal(stream.status, 200, 'any other status would be final to an EventSource');
    assert.ok(stream.retry >= 10_000, `retry: ${stream.retry}`);
  }
  const closed = () => metric(instance, 'trace_pusher_closed_total', { reason: 'quota' });
  await until(async () => (await closed()) === 2 * MOST, 'all refusals to be counted');
  const others = await flood(bob, 3);
  assert.equal(others.accepted, 3);
  // What she gives back she can have again.
  for (const stream of streams) stream.close();
  await until(async () => (await subscribers(instance, room)) === 3, 'her streams to be gone');
  const again = await flood(mallory, 1);
  assert.equal(again.accepted, 1);
  for (const stream of [...others.streams, ...again.streams]) stream.close();
});

test('a token has its own bound', async () => {
  const { streams, accepted } = await flood(agentOf(instance), TOKEN_MOST + 5);
  assert.equal(accepted, TOKEN_MOST);
  for (const stream of streams) stream.close();
});

for (const [way, proxy] of [
  ['handed over', false],
  ['proxied', true],
])
  test(`an address has its own bound, whoever comes from it: ${way}`, async () => {
    const other = proxy
      ? await start({ env: { TRACE_PUSHER_STREAMS_ADDRESS: String(ADDRESS_MOST), TRACE_HANDOFF: '0' } })
      : instance;
    try {
      const people = await Promise.all(['Eve', 'Dan', 'Fay'].map((name) => addPerson(other, name)));
      const open = (client, n, from) => flood(client, n, { from, room: `stream:${other.env.TRACE_STREAM}` });
      const floods = [await open(people[0], 60, '127.0.0.2'), await open(people[1], 60, '127.0.0.2')];
      assert.deepEqual(
        floods.map(({ accepted }) => accepted),
        [60, ADDRESS_MOST - 60],
      );
      floods.push(await open(people[2], 3, '127.0.0.3'));
      assert.equal(floods[2].accepted, 3, 'from elsewhere there is room');
      for (const { streams } of floods) for (const stream of streams) stream.close();
    } finally {
      if (proxy) await other.stop();
    }
  });
