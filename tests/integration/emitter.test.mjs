// SPDX-License-Identifier: Apache-2.0
// The emitter against the real server: alone, behind a bad network, through an outage; compared with the tables.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { start } from '../lib/instance.mjs';
import { subscribers } from '../lib/metrics.mjs';
import { giveUpAfter, reportIfSlow, until } from '../lib/patience.mjs';
import { personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { checkTables } from '../fault/oracle.mjs';
import { build, drive } from './emitter_driver.mjs';
import { Proxy } from './emitter_proxy.mjs';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../emitter/examples', import.meta.url));
const textOf = (i, words = 40) => Array.from({ length: words }, (_, k) => `${i}.${k} 🧵 `).join('');

let instance, person;
before(async () => {
  instance = await start();
  person = await personOf(instance);
});
after(() => instance?.stop());

const envOf = (url) => ({ ...instance.env, TRACE_URL: url, TRACE_REQUEST_MS: '2000', TRACE_ACK_MS: '300' });

async function makeStreams(n, name) {
  const replies = await Promise.all(
    Array.from({ length: n }, (_, i) => person.post('streams', { type: 'channel', name: `${name}-${i}` })),
  );
  return replies.map((reply) => reply.expect(201).body.stream.id);
}

// Everything that the driver says it recorded is in the tables, once and in order, and nothing else.
async function expectWhole(driver, streams, steps) {
  const said = driver.lines.map((line) => line.text).join('\n');
  assert.equal(await driver.status, 0, said);
  const stats = driver.stats();
  assert.equal(stats.refused + stats.dropped + stats.queued, 0, said);
  assert.equal(stats.acknowledged, streams.length * (4 + 3 * steps), said);
  const sessions = await instance.psql(
    `SELECT id, stream_id, status, response_message_id FROM agent_sessions WHERE stream_id IN (${quote(streams)})`,
  );
  assert.deepEqual(
    sessions.map(({ id }) => id).sort(),
    driver
      .said('session')
      .map(([id]) => id)
      .sort(),
  );
  for (const session of sessions) await expectSession(session, driver, steps);
  await checkTables(instance);
  return stats;
}

const quote = (ids) => ids.map((id) => `'${id}'`).join(',');

async function expectSession(session, driver, steps) {
  assert.equal(session.status, 'completed');
  const messages = await instance.psql(`SELECT id, content FROM messages WHERE session_id = '${session.id}'`);
  assert.deepEqual(messages, [{ id: session.response_message_id, content: 'Done.' }]);
  const rows = await instance.psql(`SELECT * FROM steps WHERE session_id = '${session.id}' ORDER BY step_number`);
  assert.equal(rows.length, 2 * steps + 1);
  assert.deepEqual(
    rows.map((row) => row.step_number),
    rows.map((_, i) => i + 1),
  );
  const named = driver
    .said('step')
    .filter(([id]) => id === session.id)
    .map(([, step]) => step);
  for (let i = 0; i < steps; i++) {
    const [thinking, nested] = rows.slice(2 * i, 2 * i + 2);
    assert.equal(thinking.id, named[i]);
    assert.equal(JSON.parse(thinking.content), textOf(i));
    assert.ok(thinking.end_seq > nested.end_seq && !thinking.failed);
    assert.equal(nested.parent_step_id, thinking.id);
    assert.equal(JSON.parse(nested.sources)[0].url, 'https://weaving.example/a%20b');
  }
  assert.equal(rows.at(-1).message_id, session.response_message_id);
}

test('the examples in C and in curl record the same session', async () => {
  const shapes = [];
  const streams = await makeStreams(2, 'example');
  for (const [i, program] of [`${build}/emitter/examples/record`, `${examples}/record.sh`].entries()) {
    const env = { ...process.env, ...instance.env, TRACE_STREAM: streams[i] };
    const [id, word] = (await run(program, [], { env })).stdout.trim().split(' ');
    assert.equal(word, 'delivered');
    const { session, steps } = (await person.get(`agent-sessions/${id}`)).expect(200).body;
    const { status, title, stepCount, messageCount } = session;
    shapes.push({
      status,
      title,
      stepCount,
      messageCount,
      steps: steps.map(({ stepType, status: state, content }) => ({ stepType, state, content })),
    });
    assert.equal(
      steps.at(-1).messageId,
      (await instance.psql(`SELECT id FROM messages WHERE session_id = '${id}'`))[0].id,
    );
  }
  assert.deepEqual(shapes[0], shapes[1]);
  assert.equal(shapes[0].status, 'completed');
  assert.equal(shapes[0].steps.length, 2);
});

test('the example says which variables it misses', async () => {
  const { TRACE_URL, TRACE_TOKEN } = instance.env;
  const { code, stderr } = await run(`${build}/emitter/examples/record`, [], { env: { TRACE_URL, TRACE_TOKEN } }).catch(
    (error) => error,
  );
  assert.equal(code, 2);
  assert.equal(stderr, 'TRACE_WORKSPACE is not set, or not exported\nTRACE_STREAM is not set, or not exported\n');
});

test('three sessions at once on a good network: nothing is repeated', async () => {
  const streams = await makeStreams(3, 'good');
  const env = { ...envOf(instance.url), TRACE_REQUEST_MS: '30000' };
  const stats = await expectWhole(drive(env, 'run', '3', ...streams), streams, 3);
  assert.equal(stats.progressFailed, 0);
});

for (const seed of [1, 2, 3]) {
  test(`every third request is dropped, delayed, doubled, cut or refused: seed ${seed}`, async () => {
    const proxy = new Proxy(instance.url, seed);
    const streams = await makeStreams(3, `bad-${seed}`);
    try {
      const driver = drive(envOf(await proxy.start()), 'run', '5', ...streams);
      await driver.status;
      await until(() => proxy.underWay === 0, 'what the network still holds');
      const stats = await expectWhole(driver, streams, 5);
      assert.ok(stats.repeated > 0, JSON.stringify(proxy.counts));
    } finally {
      proxy.stop();
    }
  });
}

test('an outage of seconds does not stop the work, and loses nothing', async () => {
  const proxy = new Proxy(instance.url, 7);
  proxy.oneIn = 0;
  const streams = await makeStreams(2, 'outage');
  try {
    const driver = drive(envOf(await proxy.start()), 'run', '12', ...streams);
    await driver.next('step');
    proxy.isAway = true;
    await driver.next('complete');
    await driver.next('complete');
    // Back, but not well: batches too are dropped, cut and doubled.
    proxy.oneIn = 3;
    proxy.isAway = false;
    await driver.status;
    await until(() => proxy.underWay === 0, 'what the network still holds');
    assert.ok(proxy.batches >= 2, `${proxy.batches} batches`);
    assert.ok(driver.said('start').some(([result]) => result === 'queued'));
    assert.deepEqual(driver.said('complete'), [['queued'], ['queued']]);
    await expectWhole(driver, streams, 12);
  } finally {
    proxy.stop();
  }
});

test('trace-api is killed in the middle', async () => {
  const streams = await makeStreams(2, 'killed');
  const driver = drive(envOf(instance.url), 'run', '8', ...streams);
  for (let i = 0; i < 3; i++) {
    await driver.next('step');
    instance.kill('trace-api');
    await instance.waitRestart('trace-api');
  }
  await driver.status;
  await expectWhole(driver, streams, 8);
});

test('a person stops a session: the program hears it within a second', async () => {
  const [stream] = await makeStreams(1, 'stopped');
  const driver = drive(envOf(instance.url), 'wait', stream);
  const [sessionId] = await driver.next('session');
  await until(() => subscribers(instance, `session:${sessionId}`), 'the subscription');
  const at = performance.now();
  (await person.post(`agent-sessions/${sessionId}/cancel`, {})).expect(200);
  assert.deepEqual(await driver.next('ended'), [sessionId, 'cancelled']);
  // Without the subscription the next heartbeat would bring the news, after 15 s.
  assert.ok(performance.now() - at < giveUpAfter(1000));
  assert.equal(await driver.status, 0);
});

// The text as a reader of the room assembles it; it must have no hole.
function liveText(events) {
  let live = Buffer.alloc(0);
  for (const { data } of events) {
    if (data.content === undefined) assert.equal(data.offset, live.length);
    live = data.content === undefined ? Buffer.concat([live, Buffer.from(data.delta)]) : Buffer.from(data.content);
  }
  return live.toString();
}

const progressOf = (events) => events.of('agent_session:step:progress');
const wordsOf = (text) => text.split('🧵').length - 1;

test('a crash in the first second leaves the first words', async () => {
  const [stream] = await makeStreams(1, 'early crash');
  const driver = drive(envOf(instance.url), 'stream', stream);
  const [sessionId] = await driver.next('session');
  const [, stepId] = await driver.next('step');
  const events = await openEvents(person, [`session:${sessionId}`]);
  try {
    // The driver writes a word every 5 ms.
    await events.wait(() => wordsOf(liveText(progressOf(events))) >= 100);
    driver.kill();
    await driver.status;
    const [{ content }] = await instance.psql(`SELECT content FROM steps WHERE id = '${stepId}'`);
    assert.ok(content, 'nothing was stored');
    assert.ok(textOf(0, 1000).startsWith(JSON.parse(content)));
  } finally {
    events.close();
  }
});

test('text is seen while it is written, and what a crash leaves is about a second old', async () => {
  const [stream] = await makeStreams(1, 'crash');
  const driver = drive(envOf(instance.url), 'stream', stream);
  const [sessionId] = await driver.next('session');
  const [, stepId] = await driver.next('step');
  const began = performance.now();
  const events = await openEvents(person, [`session:${sessionId}`]);
  try {
    await events.wait(() => wordsOf(liveText(progressOf(events))) >= 500);
    driver.kill();
    await driver.status;
    const ms = performance.now() - began;
    const [{ content }] = await instance.psql(`SELECT content FROM steps WHERE id = '${stepId}'`);
    const stored = JSON.parse(content);
    await until(() => liveText(progressOf(events)).length >= stored.length, 'what was stored to be seen');
    const progress = progressOf(events);
    const all = textOf(0, 6000);
    const live = liveText(progress);
    assert.ok(all.startsWith(live));
    assert.ok(all.startsWith(stored));
    const gaps = progress
      .slice(1)
      .map((event, i) => event.at - progress[i].at)
      .sort((a, b) => a - b);
    const middle = gaps[gaps.length >> 1];
    assert.ok(progress.length <= 2 + ms / 40, `${progress.length} events in ${ms} ms`);
    reportIfSlow('the next of the text that is written', middle, 150);
    const behind = wordsOf(live) - wordsOf(stored);
    // A word takes at least 5 ms.
    reportIfSlow('the storing of the text that is written', behind * 5, 1500);
    assert.ok(behind * 5 < giveUpAfter(1500), `${behind} words of at least 5 ms behind`);
  } finally {
    events.close();
  }
});
