// SPDX-License-Identifier: Apache-2.0
// The events of sessions and steps: the room, name and data of each, compared with the database.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;

before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, rest) => `agent-sessions/${session}/${rest}`;
const names = (events) => events.map((event) => event.type);

test('a session in a thread, from its start to its end', async () => {
  const rooms = await openEvents(world.bob, [`stream:${ids.thread}`, `stream:${ids.open}`, `workspace:${ids.ws}`]);
  await rooms.wait('ready');
  const session = await world.session({ streamId: ids.thread });
  const trace = await openEvents(world.bob, [`session:${session}`]);
  await trace.wait('ready');
  const room = `session:${session}`;
  const { step } = (await agent.post(at(session, 'steps'), { stepType: 'thinking', name: 'Thinking' })).expect(
    201,
  ).body;
  const progress = (body) => agent.post(at(session, `steps/${step.id}/progress`), body);
  (await progress({ content: 'so "far"\n' })).expect(202);
  await trace.wait((event) => event.data.content === 'so "far"\n'); // live from here on: a delta comes as it was sent
  (await progress({ delta: 'é', offset: 9 })).expect(202);
  await trace.wait((event) => event.data.delta === 'é');
  (await progress({ content: 'so "far"\né', checkpoint: true })).expect(202);
  const done = (await agent.post(at(session, `steps/${step.id}/complete`), { content: 'all' })).expect(200).body.step;
  (await progress({ content: 'late' })).expect(202);
  const whole = (
    await agent.post(at(session, 'steps'), { stepType: 'message_sent', completed: true, content: 'hi' })
  ).expect(201).body.step;
  const ended = (await agent.post(at(session, 'complete'), {})).expect(200).body.session;
  await trace.wait('end');

  const steps = trace
    .of()
    .filter((event) => event.type.startsWith('agent_session:step') && event.type !== 'agent_session:step:progress');
  assert.deepEqual(names(steps), [
    'agent_session:step:started',
    'agent_session:step:completed',
    'agent_session:step:completed',
  ]);
  assert.deepEqual(
    steps.map((event) => event.data),
    [
      { room, seq: 2, sessionId: session, step },
      { room, seq: 3, sessionId: session, step: done },
      { room, seq: 4, sessionId: session, step: whole },
    ],
  );
  const texts = trace.of('agent_session:step:progress').map((event) => event.data);
  assert.deepEqual(texts[0], { room, sessionId: session, stepId: step.id, content: 'so "far"\n' });
  assert.deepEqual(texts[1], { room, sessionId: session, stepId: step.id, delta: 'é', offset: 9 });
  assert.ok(!texts.some((text) => text.content === 'late'));
  assert.deepEqual(
    trace.of('agent_session:completed').map((event) => event.data),
    [{ room, seq: 5, session: ended }],
  );

  await rooms.wait((event) => event.type === 'agent_session:completed');
  await rooms.wait(
    (event) =>
      event.type === 'message:updated' &&
      event.data.room === `stream:${ids.open}` &&
      event.data.session.status === 'completed',
  );
  const inThread = rooms.of().filter((event) => event.data.room === `stream:${ids.thread}`);
  assert.deepEqual(names(inThread.filter((event) => event.data.seq)), [
    'agent_session:started',
    'agent_session:completed',
  ]);
  const progressed = inThread
    .filter((event) => event.type === 'agent_session:progress')
    .map((event) => event.data.session);
  assert.deepEqual(
    progressed.map((one) => [one.stepCount, one.openSteps, one.currentStepType]),
    [
      [1, 1, 'thinking'],
      [2, 0, 'message_sent'],
    ],
  );
  const inParent = rooms.of('message:updated').filter((event) => event.data.room === `stream:${ids.open}`);
  for (const { data } of inParent)
    assert.deepEqual([data.updateType, data.messageId, 'seq' in data], ['agent_activity', ids.root, false]);
  assert.deepEqual(
    inParent.map((event) => event.data.session.lastSeq),
    [1, 2, 4, 5],
  );
  assert.deepEqual(
    rooms.of('session:changed').map((event) => event.data.session.status),
    ['running', 'completed'],
  );
  assert.deepEqual([...rooms.violations, ...trace.violations], []);
  for (const stream of [rooms, trace]) stream.close();
});

test('requested, cancelled and retried reach the room of the persona', async () => {
  const mine = await openEvents(agent, [`persona:${ids.ariadne}`]);
  await mine.wait('ready');
  const session = await world.session({ streamId: ids.open });
  const cancelled = (await world.ada.post(at(session, 'cancel'))).expect(200).body.session;
  const retried = (await world.ada.post(at(session, 'retry'))).expect(201).body.session;
  await mine.wait('agent_session:requested');
  assert.deepEqual(
    mine.of().map((event) => [event.type, event.data]),
    [
      ['agent_session:cancelled', { room: `persona:${ids.ariadne}`, session: cancelled }],
      ['agent_session:requested', { room: `persona:${ids.ariadne}`, session: retried }],
    ],
  );
  mine.close();
});

test('a replay equals the live events', async () => {
  const session = await world.session();
  const live = await openEvents(agent, [`session:${session}`]);
  await live.wait('ready');
  const long = 'é'.repeat(10000);
  const parent = (await agent.post(at(session, 'steps'), { stepType: 'tool_call', content: { text: long } })).expect(
    201,
  ).body.step;
  for (const content of ['short', long, { a: 1.5, b: [long] }]) {
    const { step } = (
      await agent.post(at(session, 'steps'), { stepType: 'thinking', name: 'N', parentStepId: parent.id, content })
    ).expect(201).body;
    (
      await agent.post(at(session, `steps/${step.id}/complete`), {
        content: long,
        usage: { inputTokens: 1 },
        sources: [{ type: 'web', title: 'T', url: 'https://example.org/' }],
        error: { code: 'x', message: 'y' },
      })
    ).expect(200);
  }
  const lines = upTo(200).map((n) =>
    JSON.stringify({ op: 'record', id: newId('stp'), stepType: 'tool_call', content: { n } }),
  );
  (await agent.post(at(session, 'batch'), lines.join('\n'))).expect(200);
  (await agent.post(at(session, 'fail'), { error: { code: 'x', message: 'y' } })).expect(200);
  await live.wait('end');
  const again = await openEvents(agent, [`session:${session}`], { lastEventId: '1' });
  await again.wait('end');
  const shown = (stream) =>
    stream
      .of()
      .filter((event) => event.data.seq)
      .map((event) => [event.type, event.id, event.raw]);
  assert.equal(shown(live).length, 1 + 6 + 200 + 1);
  assert.deepEqual(shown(again), shown(live));
  assert.deepEqual([...live.violations, ...again.violations], []);
  for (const stream of [live, again]) stream.close();
});

test('a session with everything as long as is allowed has the same events as any other', async () => {
  const rooms = await openEvents(world.bob, [`stream:${ids.thread}`, `stream:${ids.open}`, `workspace:${ids.ws}`]);
  await rooms.wait('ready');
  const metadata = { text: 'x'.repeat(16 * 1024 - '{"text":""}'.length) };
  const session = await world.session({
    streamId: ids.thread,
    triggerMessageId: ids.root,
    title: '\x01'.repeat(2000),
    metadata,
  });
  (await agent.post(at(session, 'steps'), { stepType: 'thinking' })).expect(201);
  (await agent.post(at(session, 'fail'), { error: { code: 'x', message: '\x01'.repeat(4000) } })).expect(200);
  const last = (type, room) =>
    rooms.wait((event) => event.type === type && event.data.room === room && event.data.session.status === 'failed');
  const full = [
    await rooms.wait('agent_session:progress'),
    await last('session:changed', `workspace:${ids.ws}`),
    await last('agent_session:failed', `stream:${ids.thread}`),
    await last('message:updated', `stream:${ids.thread}`),
    await last('message:updated', `stream:${ids.open}`),
  ];
  for (const { data, raw } of full) {
    assert.deepEqual([data.session.metadata, data.session.hasMetadata], [undefined, true]);
    assert.ok(Buffer.byteLength(raw) <= 60 * 1024, 'one event is bounded');
  }
  assert.deepEqual(
    (await agent.get(`agent-sessions/${session}`)).expect(200).body.session.metadata,
    metadata,
    'the whole is read',
  );
  assert.deepEqual(rooms.violations, []);
  rooms.close();
});

// A text as a reader puts it together: a content replaces it, a delta continues it at a byte.
function assemble(text, { content, delta, offset }) {
  if (content !== undefined) return Buffer.from(content);
  return offset === text.length ? Buffer.concat([text, Buffer.from(delta)]) : text;
}

test('text of any length up to the limit is shown while it is written', async () => {
  const session = await world.session();
  const { step } = (await agent.post(at(session, 'steps'), { stepType: 'thinking' })).expect(201).body;
  const live = await openEvents(agent, [`session:${session}`]);
  await live.wait('ready');
  for (const content of [
    'x'.repeat(400_000),
    'é'.repeat(300_000),
    '\x01'.repeat(1 << 20),
    '😀'.repeat(1 << 18),
    'y'.repeat(1 << 20),
  ]) {
    (await agent.post(at(session, `steps/${step.id}/progress`), { content })).expect(202);
    const wanted = Buffer.from(content);
    let text = Buffer.alloc(0);
    let read = 0;
    await live.wait(() => {
      for (const event of live.events.slice(read)) {
        read++;
        if (event.type !== 'agent_session:step:progress') continue;
        assert.ok(Buffer.byteLength(event.raw) <= 60 * 1024, 'one event is bounded');
        text = assemble(text, event.data);
      }
      return text.equals(wanted);
    });
  }
  assert.deepEqual(live.violations, []);
  live.close();
});

test("a user's room is about the workspace that it was opened in", async () => {
  const [theirs, post] = [newId('str'), (ws, token) => world.agent.with({ workspace: ws, token: `atk_${token}` })];
  await world.sql(`
    INSERT INTO workspace_members (workspace_id, user_id, slug, role) VALUES ('${ids.otherWs}', '${ids.bob}', 'bob', 'member');
    INSERT INTO streams (id, workspace_id, type, name, private, root_id) VALUES ('${theirs}', '${ids.otherWs}', 'channel', 'theirs', true, '${theirs}');
    INSERT INTO stream_members (stream_id, member_id, role) VALUES ('${theirs}', '${ids.bob}', 'member'), ('${theirs}', '${ids.minos}', 'member'),
      ('${ids.secret}', '${ids.bob}', 'member'), ('${ids.secret}', '${ids.ariadne}', 'member')`);
  const here = await openEvents(world.bob, ['user:me']);
  const there = await openEvents(world.bob.with({ workspace: ids.otherWs }), ['user:me']);
  const streamsOf = async (room) =>
    (await room.wait('workspace:snapshot')).data.streams.map(({ streamId }) => streamId);
  assert.deepEqual([await streamsOf(here), await streamsOf(there)], [[ids.secret], [theirs]]);
  const sessions = [];
  for (const [client, streamId] of [
    [post(ids.otherWs, ids.minos), theirs],
    [agent, ids.secret],
  ]) {
    sessions.unshift((await client.post('agent-sessions', { streamId })).expect(201).body.session);
    (await client.post(at(sessions[0].id, 'complete'), {})).expect(200);
  }
  await world.post(ids.secret, ids.ada, 'news');
  (await world.bob.post(`streams/${ids.secret}/read`, { seq: 1 })).expect(204);
  for (const [room, stream, session] of [
    [here, ids.secret, sessions[0]],
    [there, theirs, sessions[1]],
  ]) {
    await room.wait((event) => event.type === 'session:changed' && event.data.session.status === 'completed');
    await room.wait((event) => event.type === 'stream:activity' && event.data.running === 0);
    assert.deepEqual([...new Set(room.of('session:changed').map(({ data }) => data.session.id))], [session.id]);
    assert.deepEqual([...new Set(room.of('stream:activity').map(({ data }) => data.streamId))], [stream]);
  }
  await here.wait('stream:read');
  assert.equal(there.of('stream:read').length, 0);
  assert.deepEqual([...here.violations, ...there.violations], []);
  for (const room of [here, there]) room.close();
});

test('a session without a stream is told to those who may read it', async () => {
  const rooms = [`workspace:${ids.ws}`];
  const [people, theirs] = [await openEvents(world.bob, rooms), await openEvents(world.other, rooms)];
  assert.deepEqual((await theirs.wait('workspace:snapshot')).data, (await people.wait('workspace:snapshot')).data);
  const alone = await world.session();
  (await world.other.get(`agent-sessions/${alone}`)).expect(404);
  (await agent.post(at(alone, 'complete'), {})).expect(200);
  const session = await world.session({ streamId: ids.open });
  (await agent.post(at(session, 'complete'), {})).expect(200);
  const changed = async (stream) => {
    await stream.wait(
      (event) =>
        event.type === 'session:changed' &&
        event.data.session.id === session &&
        event.data.session.status === 'completed',
    );
    await stream.wait((event) => event.type === 'stream:activity' && event.data.streamId === ids.open);
    for (const { data } of stream.of('session:changed')) assert.equal(data.room, rooms[0]);
    return stream
      .of('session:changed')
      .map(({ data }) => [data.session.id, data.session.status])
      .filter(([id]) => [alone, session].includes(id));
  };
  const inStream = [
    [session, 'running'],
    [session, 'completed'],
  ];
  assert.deepEqual(await changed(people), [[alone, 'running'], [alone, 'completed'], ...inStream]);
  assert.deepEqual(await changed(theirs), inStream);
  // The pusher tells what it reads from the database where no hint did.
  const unheard = [await world.session(), await world.session({ streamId: ids.open })];
  await world.sql(
    `UPDATE agent_sessions SET status = 'completed', completed_at = now() WHERE id IN ('${unheard.join("', '")}')`,
  );
  const ended = (stream) =>
    stream
      .of('session:changed')
      .filter(({ data }) => data.session.status === 'completed')
      .map(({ data }) => data.session.id);
  for (const stream of [people, theirs]) await stream.wait(() => ended(stream).includes(unheard[1]));
  assert.deepEqual(
    unheard.map((id) => [ended(people).includes(id), ended(theirs).includes(id)]),
    [
      [true, false],
      [true, true],
    ],
  );
  for (const stream of [people, theirs]) {
    assert.deepEqual(Object.keys(stream.of('ready')[0].data.rooms), rooms);
    assert.deepEqual(stream.violations, []);
    stream.close();
  }
});
