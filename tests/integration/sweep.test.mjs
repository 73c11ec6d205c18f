// SPDX-License-Identifier: Apache-2.0
// The sweeper, end to end: silent sessions fail, everybody is told, and no other session is touched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../lib/instance.mjs';
import { stays, until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { newId } from '../lib/ids.mjs';
import { openEvents } from '../lib/sse.mjs';
import { wronglySettled } from './session_world.mjs';

const limits = {
  TRACE_END_DELAY: '20',
  TRACE_HEARTBEAT_TIMEOUT: '8',
  TRACE_PENDING_TIMEOUT: '2',
  TRACE_SWEEP_INTERVAL: '1',
};
let instance;
let agent;
let ada;
let general;
before(async () => {
  instance = await start({ env: limits });
  agent = agentOf(instance);
  ada = await personOf(instance);
  general = instance.env.TRACE_STREAM;
});
after(() => instance?.stop());

// As if it had been silent for that long already. Nobody is silent for longer than PostgreSQL runs.
const fallSilent = (id, seconds = 7) =>
  instance.psql(`UPDATE agent_sessions SET heartbeat_at = heartbeat_at - interval '${seconds} s' WHERE id = '${id}'`);
const sessionOf = async (id) => (await ada.get(`agent-sessions/${id}`)).expect(200).body;

test('a session that falls silent fails, its open step is interrupted with its last text, both rooms hear of it', async () => {
  const { session } = (await agent.post('agent-sessions', { streamId: general, title: 'orphan' })).expect(201).body;
  const { step } = (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' })).expect(201).body;
  const rooms = await openEvents(ada, [`session:${session.id}`, `stream:${general}`, `workspace:${ada.workspace}`]);
  await rooms.wait('ready');
  (
    await agent.post(`agent-sessions/${session.id}/steps/${step.id}/progress`, {
      content: 'half a thou',
      checkpoint: true,
    })
  ).expect(202);

  const failed = (room) =>
    rooms.wait((event) => event.type === 'agent_session:failed' && event.data.room === room, 15_000);
  const [inRoom, inStream] = await Promise.all([failed(`session:${session.id}`), failed(`stream:${general}`)]);
  for (const { data } of [inRoom, inStream]) {
    assert.equal(data.session.status, 'failed');
    assert.equal(data.session.error.code, 'heartbeat_lost');
    assert.deepEqual(data.session.endedBy, { type: 'system' });
  }
  const changed = await rooms.wait(
    (event) => event.type === 'session:changed' && event.data.session.status === 'failed',
  );
  assert.equal(changed.data.session.id, session.id);
  await rooms.wait(
    (event) => event.type === 'stream:activity' && event.data.streamId === general && event.data.running === 0,
  );
  rooms.close();
  assert.deepEqual(rooms.violations, []);

  const { session: kept, steps } = await sessionOf(session.id);
  assert.equal(kept.status, 'failed');
  assert.equal(kept.lastSeq, inRoom.data.seq);
  assert.deepEqual(
    steps.map(({ status, content }) => [status, content]),
    [['interrupted', 'half a thou']],
  );
  const late = await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' });
  assert.equal(late.expect(409).code, 'session_ended');
  assert.equal(late.body.sessionStatus, 'failed');
});

test('the replay equals the live events', async () => {
  const rows = await instance.psql(
    `SELECT stream_event_json(e) AS body FROM stream_events e WHERE type = 'agent_session:failed'`,
  );
  const { events } = (await ada.get(`streams/${general}/events?limit=500`)).expect(200).body;
  const listed = events.filter(({ type }) => type === 'agent_session:failed');
  assert.deepEqual(
    listed,
    rows.map(({ body }) => JSON.parse(body)),
  );
});

test('a session with heartbeats goes on, however long it takes', async () => {
  const { session } = (await agent.post('agent-sessions', { title: 'slow' })).expect(201).body;
  // Time itself is tested: longer than the limit of silence must pass.
  for (let i = 0; i < 5; i++) {
    await sleep(2000);
    (await agent.post(`agent-sessions/${session.id}/heartbeat`)).expect(204);
  }
  assert.equal((await sessionOf(session.id)).session.status, 'running');
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  const isCompleted = async () => (await sessionOf(session.id)).session.status === 'completed';
  await stays(isCompleted, 'the sweeper leaves alone what has ended', 3500);
});

const steps = (id) => `agent-sessions/${id}/steps`;
const hasFailed = (id) => async () => (await sessionOf(id)).session.status === 'failed';

test('a heartbeat lets a session run again that was ended for its silence, and both rooms hear of it', async () => {
  const { session } = (await agent.post('agent-sessions', { streamId: general })).expect(201).body;
  await fallSilent(session.id);
  await until(hasFailed(session.id), 'the session to fail', 8000);
  const rooms = await openEvents(ada, [`session:${session.id}`, `stream:${general}`]);
  await rooms.wait('ready');
  (await agent.post(`agent-sessions/${session.id}/heartbeat`)).expect(204);
  for (const room of [`session:${session.id}`, `stream:${general}`]) {
    const { data } = await rooms.wait((event) => event.type === 'agent_session:updated' && event.data.room === room);
    assert.deepEqual([data.session.id, data.session.status, data.session.error], [session.id, 'running', undefined]);
  }
  rooms.close();
  (await agent.post(steps(session.id), { stepType: 'thinking' })).expect(201);
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  assert.equal(
    (await agent.post(`agent-sessions/${session.id}/heartbeat`)).expect(409).body.sessionStatus,
    'completed',
  );
});

test('the stream of a session that may run again ends only when nothing more is expected, and then is 204', async () => {
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  const room = `session:${session.id}`;
  const reader = await openEvents(ada, [room]);
  const followers = await openEvents(ada, [`workspace:${ada.workspace}`]);
  for (const stream of [reader, followers]) await stream.wait('ready');
  await fallSilent(session.id);
  await reader.wait('agent_session:failed');
  const late = { stepType: 'thinking', completed: true };
  (await agent.put(`${steps(session.id)}/${newId('stp')}`, late)).expect(201);
  await reader.wait('agent_session:updated');
  await reader.wait('agent_session:step:completed');
  await fallSilent(session.id);
  await reader.wait((event) => event.type === 'agent_session:failed' && event.data.seq > 2);
  assert.ok(!reader.of().some(({ type }) => type === 'end'));
  const { retryOf } = (await agent.post(`agent-sessions/${session.id}/retry`)).expect(201).body.session;
  assert.equal(retryOf, session.id);
  // It stays ended now, and still takes the step: its readers see it, and those who follow the workspace hear of it.
  const { step } = (await agent.put(`${steps(session.id)}/${newId('stp')}`, late)).expect(201).body;
  await reader.wait((event) => event.type === 'agent_session:step:completed' && event.data.step.id === step.id);
  await followers.wait(
    (event) =>
      event.type === 'session:changed' &&
      event.data.session.id === session.id &&
      event.data.session.lastSeq >= step.seq,
  );
  followers.close();
  await reader.wait('end', 30_000);
  const { lastSeq } = (await sessionOf(session.id)).session;
  const over = await ada.get(`events?room=${room}&lastEventId=${lastSeq}`);
  assert.equal(over.status, 204);
  // A session that its agent has ended is over at once.
  const own = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const short = await openEvents(ada, [`session:${own}`]);
  await short.wait('ready');
  (await agent.post(`agent-sessions/${own}/complete`, {})).expect(200);
  await short.wait('end');
});

test('no heartbeat reopens a session that its agent failed, that is tried again, or whose stream is taken', async () => {
  const refused = async (id) => {
    const reply = (await agent.post(`agent-sessions/${id}/heartbeat`)).expect(409);
    assert.deepEqual([reply.code, reply.body.sessionStatus], ['session_ended', 'failed']);
  };
  const begin = async (body = {}) => (await agent.post('agent-sessions', body)).expect(201).body.session.id;
  const [failed, retried, taken] = [await begin(), await begin(), await begin({ streamId: general })];
  const error = { code: 'heartbeat_lost', message: 'said by the agent' };
  (await agent.post(`agent-sessions/${failed}/fail`, { error })).expect(200);
  for (const id of [retried, taken]) await fallSilent(id);
  for (const id of [retried, taken]) await until(hasFailed(id), 'the session to fail', 8000);
  (await agent.post(`agent-sessions/${retried}/retry`)).expect(201);
  const other = await begin({ streamId: general });
  for (const id of [failed, retried, taken]) await refused(id);
  (await agent.post(`agent-sessions/${other}/complete`, {})).expect(200);
});

test('a session without heartbeats may be silent for as long as its token says, and fails as source_silent', async () => {
  const wrong = (await agent.post('agent-sessions', { heartbeat: 'often' })).expect(400);
  assert.equal(wrong.body.field, 'heartbeat');
  const begin = async () => (await agent.post('agent-sessions', { heartbeat: 'none' })).expect(201).body.session;
  const session = await begin();
  assert.equal(session.heartbeat, 'none');
  await instance.psql(`UPDATE agent_sessions SET silence_s = 20 WHERE id = '${session.id}'`);
  // Silent for longer than heartbeats may be.
  await fallSilent(session.id, 9);
  const isRunning = async () => (await sessionOf(session.id)).session.status === 'running';
  await stays(isRunning, 'the session goes on without heartbeats', 3500);
  await fallSilent(session.id, 11);
  await until(hasFailed(session.id), 'the session to fail', 8000);
  const { error, endedBy } = (await sessionOf(session.id)).session;
  assert.deepEqual([error.code, endedBy], ['source_silent', { type: 'system' }]);
  const step = { stepType: 'thinking', completed: true };
  (await agent.put(`${steps(session.id)}/${newId('stp')}`, step)).expect(201);
  assert.equal((await sessionOf(session.id)).session.status, 'running');
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
});

test('a session begins when its client says, within bounds', async () => {
  const startedAt = new Date(Date.now() - 90_000).toISOString();
  const { session } = (await agent.post('agent-sessions', { startedAt })).expect(201).body;
  assert.equal(session.startedAt, startedAt);
  const far = (await agent.post('agent-sessions', { startedAt: '2001-01-01T00:00:00Z' })).expect(201).body.session;
  assert.ok(Date.parse(far.startedAt) > Date.parse(startedAt));
  (await agent.post('agent-sessions', { startedAt: 'yesterday' })).expect(400);
  for (const { id } of [session, far]) (await agent.post(`agent-sessions/${id}/complete`, {})).expect(200);
});

test('a request that nobody takes fails, and the message in the channel shows no activity any more', async () => {
  const rooms = await openEvents(ada, [`stream:${general}`]);
  await rooms.wait('ready');
  const { message } = (await ada.post(`streams/${general}/messages`, { content: '@ariadne are you there?' })).expect(
    201,
  ).body;
  const ended = await rooms.wait(
    (event) =>
      event.type === 'message:updated' &&
      event.data.updateType === 'agent_activity' &&
      event.data.session.status === 'failed',
  );
  assert.equal(ended.data.messageId, message.id);
  assert.equal(ended.data.session.error.code, 'not_picked_up');
  const { activity } = (await ada.get(`streams/${general}/bootstrap`)).expect(200).body;
  assert.deepEqual(activity, []);
  const { session } = await sessionOf(ended.data.session.id);
  assert.equal(session.startedAt, undefined);
  (await agent.post(`agent-sessions/${session.id}/claim`, { workerId: 'late' })).expect(409);
  rooms.close();
});

test('whatever has ended here, or runs again, is in its place in the table of sessions', async () => {
  assert.deepEqual(await wronglySettled((text) => instance.psql(text)), []);
});

test('the sweeper of the instance is restarted when it is killed, and says what it does in a line', async () => {
  instance.kill('sweeper');
  await instance.waitRestart('sweeper');
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  await fallSilent(session.id);
  await until(hasFailed(session.id), 'the session to fail', 8000);
  // The line comes after the commit.
  const line = new RegExp(`ended session ${session.id} code=heartbeat_lost`);
  await until(() => line.test(instance.log('sweeper')), 'the line in the log');
});
