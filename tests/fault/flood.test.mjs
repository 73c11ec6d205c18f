// SPDX-License-Identifier: Apache-2.0
// More readers than a pusher may hold: those who are there read on, the others are told `unavailable` and when to come
// back, and each is let in as soon as there is a place.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const PLACES = 30;
const EARLY = 20;
const FLOOD = 150;

let instance;
const opened = [];
before(async () => (instance = await start({ env: { TRACE_PUSHER_CONNECTIONS: String(PLACES) } })));
after(() => {
  for (const stream of opened) stream.close();
  return instance?.stop();
});

test('more readers come than there are places', async () => {
  const agent = agentOf(instance);
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const write = () =>
    agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', completed: true, content: 'x' });
  const open = async (n) => {
    const options = { reconnect: true, haste: 0.2 };
    const streams = await Promise.all(
      Array.from({ length: n }, () => openEvents(agent, [`session:${session.id}`], options)),
    );
    opened.push(...streams);
    return streams;
  };
  const isIn = (stream) => stream.events.some(({ type }) => type === 'ready');

  const early = await open(EARLY);
  await until(() => early.every(isIn), 'the early ones to be in');
  const flood = await open(FLOOD);
  await until(() => flood.every((stream) => stream.events.length > 0), 'the others to be told');
  for (let i = 0; i < 10; i++) (await write()).expect(201);
  assert.ok(flood.filter(isIn).length <= PLACES - EARLY, 'no more than there are places for');
  for (const stream of flood.filter((one) => !isIn(one))) {
    assert.deepEqual([stream.status, stream.events[0]?.type], [200, 'unavailable']);
    assert.ok(stream.retry >= 1000 && stream.retry <= 4000, `retry: ${stream.retry}`);
  }
  await until(
    () => early.every((stream) => stream.of('agent_session:step:completed').length === 10),
    'the early ones to have everything',
  );
  assert.ok(
    early.every((stream) => stream.connections === 1),
    'nobody was cut off',
  );

  for (const stream of flood.splice(PLACES - EARLY - 5)) stream.close();
  await until(() => flood.every(isIn), 'those who are left to be let in');
  for (const stream of [...early, ...flood]) {
    stream.close();
    assert.deepEqual(stream.violations, []);
  }
});
