// SPDX-License-Identifier: Apache-2.0
// The example sessions of the demo: recorded once, whatever interrupted the recording, and nowhere but in the demo. The
// running one ends with the demo, and with whoever stops it.
import assert from 'node:assert/strict';
import { realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';

const WATCH = 'Watch over this server';
let instance, person;
before(async () => {
  instance = await start({ demo: true });
  person = await personOf(instance);
});
after(() => instance?.stop());

const list = async (query = '') => (await person.get(`agent-sessions?${query}`)).expect(200).body.sessions;
const watches = async (status) => (await list(`status=${status}`)).filter((session) => session.title === WATCH);
const examples = async () => (await list()).filter((session) => session.externalId?.startsWith('demo-'));
const facts = ({ id, status, stepCount, startedAt, durationMs, usage }) => [
  id,
  status,
  stepCount,
  startedAt,
  durationMs,
  usage,
];
const stepsOf = async (id) => (await person.get(`agent-sessions/${id}`)).expect(200).body.steps;

test('three have ended, with all their steps, and each step within its session', async () => {
  const found = await examples();
  assert.deepEqual(
    found.map(({ externalId, status, stepCount, durationMs }) => [externalId, status, stepCount, durationMs]),
    [
      ['demo-nested', 'completed', 12, 19_700],
      ['demo-failed', 'failed', 4, 43_600],
      ['demo-finished', 'completed', 6, 12_900],
    ],
  );
  for (const session of found)
    for (const step of await stepsOf(session.id)) {
      assert.ok(step.startedAt >= session.startedAt && step.completedAt <= session.completedAt, step.id);
      assert.ok(!step.timesAdjusted, step.id);
    }
});

test('a demo that is started again has none of them twice, even if it does not know that it has them', async () => {
  const held = (await examples()).map(facts);
  const [first] = await until(async () => {
    const running = await watches('running');
    return running.length === 1 && running;
  }, 'the running session');
  const mark = join(dirname(realpathSync(join(instance.state, 'demo.env'))), 'seeded.sessions');
  process.kill(instance.supervisorPid, 'SIGTERM');
  await instance.ended;
  rmSync(mark);
  await instance.again();
  person = await personOf(instance);
  assert.deepEqual((await examples()).map(facts), held);
  assert.deepEqual(
    (await watches('completed')).map(({ id }) => id),
    [first.id],
  );
  const [, step] = await stepsOf(first.id);
  assert.match(step.content.result, /^The server is healthy\. It answered \d+ of \d+ times/);
});

test('a person who stops the running one stops it for good', async () => {
  const [running] = await until(async () => {
    const found = await watches('running');
    return found.length === 1 && found;
  }, 'the next running session');
  const pid = instance.pid('demo-watch');
  (await person.post(`agent-sessions/${running.id}/cancel`, {})).expect(200);
  await until(() => instance.log('demo-watch').includes('somebody has ended the session'), 'the watch to hear of it');
  assert.equal(instance.pid('demo-watch'), pid);
  assert.deepEqual(await watches('running'), []);
});

test('without the demo there are no sessions', async () => {
  const bare = await start();
  try {
    const reply = (await (await personOf(bare)).get('agent-sessions')).expect(200);
    assert.deepEqual(reply.body.sessions, []);
  } finally {
    await bare.stop();
  }
});
