// SPDX-License-Identifier: Apache-2.0
// Event streams through nginx, the door and the pusher: how they begin, what they carry, how they resume and end.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { subscribers } from '../lib/metrics.mjs';
import { until } from '../lib/patience.mjs';
import { Client } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance;
let agent;
let open = [];

before(async () => {
  instance = await start({ env: { TRACE_PUSHER_PING: '1', TRACE_PUSHER_RING_EVENTS: '16' } });
  agent = new Client(instance.url, { token: instance.env.TRACE_TOKEN, workspace: instance.env.TRACE_WORKSPACE });
});
after(() => instance?.stop());

async function subscribe(client, rooms, options) {
  const stream = await openEvents(client, rooms, options);
  open.push(stream);
  return stream;
}

afterEach(() => {
  const all = open;
  open = [];
  for (const stream of all) stream.close();
  for (const stream of all) assert.deepEqual(stream.violations, []);
});

async function newSession(fields = {}) {
  return (await agent.post('agent-sessions', fields)).expect(201).body.session;
}

async function newStep(session, fields = { stepType: 'thinking' }) {
  return (await agent.post(`agent-sessions/${session.id}/steps`, fields)).expect(201).body.step;
}

const say = (session, step, body) =>
  agent.post(`agent-sessions/${session.id}/steps/${step.id}/progress`, body).then((r) => r.expect(202));
const complete = (session, step, body = {}) =>
  agent.post(`agent-sessions/${session.id}/steps/${step.id}/complete`, body).then((r) => r.expect(200));
const numbered = (stream) => stream.events.filter((e) => e.data?.seq !== undefined);

test('a live trace, from ready to end', async () => {
  const session = await newSession();
  const room = `session:${session.id}`;
  const stream = await subscribe(agent, [room]);
  const ready = await stream.wait('ready');
  assert.ok(stream.retry >= 1000 && stream.retry <= 4000);
  assert.equal(ready.position, '1');
  assert.deepEqual(ready.data.rooms, { [room]: { from: 1, head: 1 } });
  assert.ok(Math.abs(Date.parse(ready.data.serverTime) - Date.now()) < 5000);
  assert.equal(typeof ready.data.build, 'string');
  const step = await newStep(session);
  // One after the other, since a pusher that is behind leaves out text that is superseded.
  for (const progress of [{ content: 'thinking…' }, { delta: ' "more"\n', offset: 11 }]) {
    const from = stream.events.length;
    await say(session, step, progress);
    await stream.wait('agent_session:step:progress', undefined, from);
  }
  await complete(session, step, { content: 'thought' });
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  await stream.wait('end');
  assert.equal(await stream.ended, 'end');
  const told = stream.of().map((e) => [e.type, e.position]);
  assert.deepEqual(told, [
    ['agent_session:step:started', '2'],
    ['agent_session:step:progress', '2'],
    ['agent_session:step:progress', '2'],
    ['agent_session:step:completed', '3'],
    ['agent_session:completed', '4'],
    ['end', '4'],
  ]);
  const [content, delta] = stream.of('agent_session:step:progress').map((e) => e.data);
  assert.deepEqual(content, { room, sessionId: session.id, stepId: step.id, content: 'thinking…' });
  assert.deepEqual(delta, { room, sessionId: session.id, stepId: step.id, delta: ' "more"\n', offset: 11 });
  // A reader that has everything is told to stay away; one that lacks something gets it, and the end.
  const back = await subscribe(agent, [room], { lastEventId: '4' });
  assert.equal(back.status, 204);
  const late = await subscribe(agent, [room], { lastEventId: '2' });
  await late.wait('end');
  assert.deepEqual(
    late.of().map((e) => [e.type, e.position]),
    told.slice(3),
  );
  assert.deepEqual(
    late.of().map((e) => e.raw),
    stream
      .of()
      .slice(3)
      .map((e) => e.raw),
  );
});

test('replayed events equal the live ones, byte for byte', async () => {
  const session = await newSession({ streamId: instance.env.TRACE_STREAM });
  const rooms = [`session:${session.id}`, `stream:${instance.env.TRACE_STREAM}`];
  const live = await subscribe(agent, rooms);
  const ready = await live.wait('ready');
  const inner = await newStep(session, {
    stepType: 'tool_call',
    name: 'x',
    content: { tool: 'x', args: { b: 1, a: 'é\u0001"' } },
  });
  await newStep(session, {
    stepType: 'web_search',
    content: { query: 'q' },
    completed: true,
    sources: [{ type: 'web', title: 't', url: 'https://example.com' }],
  });
  const long = await newStep(session);
  await complete(session, long, { content: 'ä'.repeat(100_000) });
  await complete(session, inner, { content: { tool: 'x', result: [1, 2] }, error: { code: 'x', message: 'y' } });
  (await agent.post(`streams/${instance.env.TRACE_STREAM}/messages`, { content: 'hello' })).expect(201);
  (await agent.post(`agent-sessions/${session.id}/fail`, { error: { code: 'c', message: 'm' } })).expect(200);
  await live.wait('end');
  await live.wait((e) => e.type === 'agent_session:failed' && e.data.room.startsWith('stream:'));
  const again = await subscribe(agent, rooms, { lastEventId: ready.id });
  await again.wait('end');
  await again.wait((e) => e.type === 'agent_session:failed' && e.data.room.startsWith('stream:'));
  const ofRoom = (stream, room) =>
    numbered(stream)
      .filter((e) => e.data.room === room)
      .map((e) => [e.type, e.raw]);
  for (const room of rooms) {
    assert.ok(ofRoom(live, room).length > 1);
    assert.deepEqual(ofRoom(again, room), ofRoom(live, room));
  }
});

test('a reader that comes in the middle of a text gets the text so far, resumed or not', async () => {
  const session = await newSession();
  const step = await newStep(session);
  await say(session, step, { content: 'one ' });
  await say(session, step, { delta: 'two ', offset: 4 });
  for (const options of [{}, { lastEventId: '1' }, { lastEventId: '2' }]) {
    const stream = await subscribe(agent, [`session:${session.id}`], options);
    const progress = await stream.wait('agent_session:step:progress');
    assert.equal(progress.data.content, 'one two ');
    assert.equal(stream.of('agent_session:step:started').length, options.lastEventId === '1' ? 1 : 0);
  }
  await say(session, step, { delta: 'three', offset: 8 });
  for (const stream of open) assert.deepEqual((await stream.wait((e) => e.data?.delta)).data.offset, 8);
  await complete(session, step);
});

test('after a restart the pusher has the checkpoint', async () => {
  const session = await newSession();
  const step = await newStep(session);
  await say(session, step, { content: 'stored "text" ü', checkpoint: true });
  instance.kill('trace-pusher');
  await instance.waitRestart('trace-pusher');
  await instance.waitHealthy();
  const stream = await subscribe(agent, [`session:${session.id}`]);
  assert.equal((await stream.wait('agent_session:step:progress')).data.content, 'stored "text" ü');
  await say(session, step, { delta: '!', offset: 16 });
  assert.equal((await stream.wait((e) => e.data?.delta)).data.offset, 16);
});

test('positions of several rooms, resumed exactly', async () => {
  const a = await newSession();
  const b = await newSession();
  const rooms = [`session:${a.id}`, `workspace:${instance.env.TRACE_WORKSPACE}`, `session:${b.id}`];
  const first = await subscribe(agent, rooms);
  await first.wait('ready');
  await newStep(a);
  await newStep(b);
  await newStep(b);
  const last = await first.wait((e) => e.position === '2.-.3');
  first.close();
  await newStep(a);
  await newStep(b);
  const second = await subscribe(agent, rooms, { lastEventId: last.id });
  await second.wait((e) => e.position === '3.-.4');
  assert.deepEqual(
    numbered(second)
      .map((e) => [e.data.room, e.data.seq])
      .sort(),
    [
      [rooms[0], 3],
      [rooms[2], 4],
    ].sort(),
  );
  await second.wait('workspace:snapshot');
  const now = await subscribe(agent, rooms, { lastEventId: '-.-.2' });
  await now.wait((e) => e.position === '3.-.4');
  assert.deepEqual(
    numbered(now).map((e) => e.data.seq),
    [3, 4],
  );
});

test('an impossible cursor is answered with a reset', async () => {
  const session = await newSession();
  await newStep(session);
  for (const lastEventId of ['3', 'x', '1.1', '99999999999999999999', '-1']) {
    const stream = await subscribe(agent, [`session:${session.id}`], { lastEventId });
    assert.deepEqual((await stream.wait('ready')).data.rooms[`session:${session.id}`], { from: 2, head: 2 });
    const reset = await stream.wait('reset');
    assert.deepEqual([reset.position, reset.data], ['2', { room: `session:${session.id}` }]);
  }
  await newStep(session);
  for (const stream of open) assert.equal((await stream.wait('agent_session:step:started')).position, '3');
});

test('a position older than what is kept is reset', async () => {
  const session = await newSession();
  for (let i = 0; i < 40; i++) await newStep(session, { stepType: 'thinking', completed: true });
  await instance.psql(`DELETE FROM steps WHERE session_id = '${session.id}' AND seq <= 20`);
  instance.kill('trace-pusher');
  await instance.waitRestart('trace-pusher');
  await instance.waitHealthy();
  const stream = await subscribe(agent, [`session:${session.id}`], { lastEventId: '5' });
  assert.equal((await stream.wait('reset')).position, '41');
  await newStep(session);
  assert.equal((await stream.wait('agent_session:step:started')).position, '42');
});

test('an unreadable room keeps its place in the cursor, and the others go on', async () => {
  const session = await newSession();
  const nobody = `session:ses_${'0'.repeat(26)}`;
  const stream = await subscribe(agent, [nobody, `session:${session.id}`]);
  const ready = await stream.wait('ready');
  assert.equal(ready.position, '-.1');
  assert.deepEqual(Object.keys(ready.data.rooms), [`session:${session.id}`]);
  assert.deepEqual((await stream.wait('revoked')).data, { room: nobody, reason: 'not_found' });
  await newStep(session);
  assert.equal((await stream.wait('agent_session:step:started')).position, '-.2');
  const none = await subscribe(agent, [nobody]);
  assert.equal(none.status, 404);
});

test('snapshots first, then changes: streams, workspace, user', async () => {
  const person = await new Client(instance.url, { workspace: instance.env.TRACE_WORKSPACE }).signIn(
    instance.env.TRACE_EMAIL,
    instance.env.TRACE_PASSWORD,
  );
  const stream = await subscribe(person, [
    `stream:${instance.env.TRACE_STREAM}`,
    `workspace:${instance.env.TRACE_WORKSPACE}`,
    'user:me',
  ]);
  const ready = await stream.wait('ready');
  assert.deepEqual(ready.data.rooms['user:me'], {});
  const activity = await stream.wait('agent_session:activity_snapshot');
  assert.deepEqual(activity.data, { room: `stream:${instance.env.TRACE_STREAM}`, activity: [] });
  await stream.wait((e) => e.type === 'workspace:snapshot' && e.data.room === 'user:me');
  const snapshot = await stream.wait((e) => e.type === 'workspace:snapshot' && e.data.room.startsWith('workspace:'));
  const general = snapshot.data.streams.find((s) => s.streamId === instance.env.TRACE_STREAM);
  assert.equal(general.running, 0);
  const session = await newSession({ streamId: instance.env.TRACE_STREAM });
  await stream.wait((e) => e.type === 'agent_session:started' && e.data.session.id === session.id);
  const late = await subscribe(person, [`stream:${instance.env.TRACE_STREAM}`]);
  const shown = await late.wait('agent_session:activity_snapshot');
  assert.deepEqual(
    shown.data.activity.map((a) => [a.messageId, a.session.id, a.session.status]),
    [[undefined, session.id, 'running']],
  );
  await newStep(session);
  assert.equal((await late.wait('agent_session:progress')).data.session.stepCount, 1);
  (await agent.post(`agent-sessions/${session.id}/cancel`, {})).expect(200);
});

test('pings come, with the time', async () => {
  const session = await newSession();
  const began = Date.now();
  const stream = await subscribe(agent, [`session:${session.id}`]);
  const ping = await stream.wait('ping', 3000);
  const time = Date.parse(ping.data.serverTime);
  assert.ok(time >= began && time <= Date.now());
  assert.equal(ping.position, '1');
});

test('a revoked token loses its streams within a second, and a new one goes on', async () => {
  const session = await newSession();
  const stream = await subscribe(agent, [`session:${session.id}`]);
  await stream.wait('ready');
  const [{ id }] = await instance.psql(
    `SELECT id FROM tokens WHERE workspace_id = '${instance.env.TRACE_WORKSPACE}' LIMIT 1`,
  );
  await instance.psql(`INSERT INTO revocations(principal) VALUES ('${id}')`);
  const revoked = await stream.wait('revoked', 1000);
  assert.deepEqual(revoked.data, { reason: 'credentials' });
  assert.equal(await stream.ended, 'end');
  // An authorisation so soon after a revocation may have seen the old state: it is to be repeated.
  const soon = await subscribe(agent, [`session:${session.id}`]);
  await soon.wait('unavailable');
  assert.ok(soon.retry >= 1000);
  const isReady = async () => {
    const later = await subscribe(agent, [`session:${session.id}`]);
    const first = await later.wait(({ type }) => ['ready', 'unavailable'].includes(type));
    if (first.type === 'unavailable') assert.ok(later.retry >= 1000);
    return first.type === 'ready';
  };
  await until(isReady, 'a stream with a new authorisation');
});

test('subscribers of rooms are counted', async () => {
  const { id } = await newSession();
  const [followed, other] = [`session:${id}`, `persona:${instance.env.TRACE_PERSONA}`];
  const stream = await subscribe(agent, [followed]);
  await stream.wait('ready');
  assert.equal(await subscribers(instance, followed), 1);
  assert.equal(await subscribers(instance, other), 0);
  stream.close();
  await until(async () => (await subscribers(instance, followed)) === 0, 'the subscriber to be gone');
});

test('several pushers: readers at each of them get everything', async () => {
  const several = await start({ env: { TRACE_PUSHERS: '3' } });
  try {
    const token = new Client(several.url, { token: several.env.TRACE_TOKEN, workspace: several.env.TRACE_WORKSPACE });
    const person = await new Client(several.url, { workspace: several.env.TRACE_WORKSPACE }).signIn(
      several.env.TRACE_EMAIL,
      several.env.TRACE_PASSWORD,
    );
    const { session } = (await token.post('agent-sessions', { streamId: several.env.TRACE_STREAM })).expect(201).body;
    const streams = [
      await subscribe(token, [`session:${session.id}`]),
      await subscribe(person, [`session:${session.id}`]),
    ];
    for (const stream of streams) await stream.wait('ready');
    (await token.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
    for (const stream of streams) await stream.wait('end');
    const health = await (await fetch(`${several.url}/healthz`)).json();
    assert.equal(health.checks['pusher-3'], 'ok');
  } finally {
    await several.stop();
  }
});
