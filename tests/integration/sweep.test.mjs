// The sweeper, end to end: who falls silent fails, everybody is told, and nobody else is touched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, until } from '../lib/instance.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const limits = { TRACE_HEARTBEAT_TIMEOUT: '2', TRACE_PENDING_TIMEOUT: '2', TRACE_SWEEP_INTERVAL: '1' };
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

const sessionOf = async (id) => (await ada.get(`agent-sessions/${id}`)).expect(200).body;

test('a session that falls silent fails, its open step is interrupted with its last text, both rooms hear of it', async () => {
  const { session } = (await agent.post('agent-sessions', { streamId: general, title: 'orphan' })).expect(201).body;
  const { step } = (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' })).expect(201).body;
  const rooms = await openEvents(ada, [`session:${session.id}`, `stream:${general}`, `workspace:${ada.workspace}`]);
  await rooms.wait('ready');
  (await agent.post(`agent-sessions/${session.id}/steps/${step.id}/progress`, { content: 'half a thou', checkpoint: true })).expect(202);

  const failed = (room) => rooms.wait((event) => event.type === 'agent_session:failed' && event.data.room === room);
  const [inRoom, inStream] = await Promise.all([failed(`session:${session.id}`), failed(`stream:${general}`)]);
  for (const { data } of [inRoom, inStream]) {
    assert.equal(data.session.status, 'failed');
    assert.equal(data.session.error.code, 'heartbeat_lost');
    assert.deepEqual(data.session.endedBy, { type: 'system' });
  }
  const changed = await rooms.wait((event) => event.type === 'session:changed' && event.data.session.status === 'failed');
  assert.equal(changed.data.session.id, session.id);
  await rooms.wait((event) => event.type === 'stream:activity' && event.data.streamId === general && event.data.running === 0);
  rooms.close();
  assert.deepEqual(rooms.violations, []);

  const { session: kept, steps } = await sessionOf(session.id);
  assert.equal(kept.status, 'failed');
  assert.equal(kept.lastSeq, inRoom.data.seq);
  assert.deepEqual(steps.map(({ status, content }) => [status, content]), [['interrupted', 'half a thou']]);
  const late = await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' });
  assert.equal(late.expect(409).code, 'session_ended');
  assert.equal(late.body.sessionStatus, 'failed');
});

test('what was live is what is replayed', async () => {
  const rows = await instance.psql(`SELECT stream_event_json(e) AS body FROM stream_events e WHERE type = 'agent_session:failed'`);
  const { events } = (await ada.get(`streams/${general}/events?limit=500`)).expect(200).body;
  const listed = events.filter(({ type }) => type === 'agent_session:failed');
  assert.deepEqual(listed, rows.map(({ body }) => JSON.parse(body)));
});

test('one that heartbeats goes on, however long it takes', async () => {
  const { session } = (await agent.post('agent-sessions', { title: 'slow' })).expect(201).body;
  for (let i = 0; i < 9; i++) {
    await sleep(500);
    (await agent.post(`agent-sessions/${session.id}/heartbeat`)).expect(204);
  }
  assert.equal((await sessionOf(session.id)).session.status, 'running');
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  await sleep(3500);
  assert.equal((await sessionOf(session.id)).session.status, 'completed');
});

test('a request that nobody takes fails, and the message in the channel shows no activity any more', async () => {
  const rooms = await openEvents(ada, [`stream:${general}`]);
  await rooms.wait('ready');
  const { message } = (await ada.post(`streams/${general}/messages`, { content: '@ariadne are you there?' })).expect(201).body;
  const ended = await rooms.wait((event) => event.type === 'message:updated' && event.data.updateType === 'agent_activity'
    && event.data.session.status === 'failed');
  assert.equal(ended.data.messageId, message.id);
  assert.equal(ended.data.session.error.code, 'not_picked_up');
  const { activity } = (await ada.get(`streams/${general}/bootstrap`)).expect(200).body;
  assert.deepEqual(activity, []);
  const { session } = await sessionOf(ended.data.session.id);
  assert.equal(session.startedAt, undefined);
  (await agent.post(`agent-sessions/${session.id}/claim`, { workerId: 'late' })).expect(409);
  rooms.close();
});

test('the sweeper of the instance is restarted when it is killed, and says what it does in a line', async () => {
  instance.kill('sweeper');
  await instance.waitRestart('sweeper');
  const { session } = (await agent.post('agent-sessions', {})).expect(201).body;
  await until(async () => (await sessionOf(session.id)).session.status === 'failed', 'the session to fail', 8000);
  // The line comes after the commit.
  const line = new RegExp(`ended session ${session.id} code=heartbeat_lost`);
  await until(() => line.test(instance.log('sweeper')), 'the line in the log');
});
