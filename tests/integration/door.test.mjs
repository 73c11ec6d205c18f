// SPDX-License-Identifier: Apache-2.0
// The door to the pusher, through nginx: which rooms, from which position, what is refused, and what happens when a
// program is away.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { reportIfSlow } from '../lib/patience.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openBeforeItsEnd, openEvents } from '../lib/sse.mjs';

let instance, ada, agent, persona, general, workspace;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  agent = agentOf(instance);
  ({ TRACE_PERSONA: persona, TRACE_STREAM: general, TRACE_WORKSPACE: workspace } = instance.env);
});
after(() => instance?.stop());

const say = async (stream, content) =>
  (await ada.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
const headOf = async (stream) => (await ada.get(`streams/${stream}`)).body.stream.lastSeq;
const closing = async (stream, use) => {
  try {
    return await use(stream);
  } finally {
    stream.close();
  }
};

test('all kinds of rooms in one stream; ready says where each begins', async () => {
  await say(general, 'before');
  const head = await headOf(general);
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session;
  const rooms = [`workspace:${workspace}`, `stream:${general}`, 'user:me', `session:${session.id}`];
  await closing(await openEvents(ada, rooms), async (events) => {
    const ready = await events.wait('ready');
    assert.equal(ready.position, `-.${head}.-.${session.lastSeq}`);
    assert.deepEqual(ready.data.rooms[`stream:${general}`], { from: head, head });
    assert.deepEqual(Object.keys(ready.data.rooms).sort(), [...rooms].sort());
    assert.ok(events.retry >= 1000 && events.retry <= 4000);
    const snapshot = await events.wait('workspace:snapshot');
    assert.ok(snapshot.data.streams.some(({ streamId }) => streamId === general));
    await say(general, 'after');
    const created = await events.wait('message:created');
    assert.equal(created.position, `-.${head + 1}.-.${session.lastSeq}`);
    assert.deepEqual(events.violations, []);
  });
});

test('a program has no user room: it is told, and the others go on', async () => {
  await closing(await openEvents(agent, ['user:me', `persona:${persona}`]), async (events) => {
    assert.deepEqual((await events.wait('revoked')).data, { room: 'user:me', reason: 'not_found' });
    assert.deepEqual(events.of('ready')[0].data.rooms, { [`persona:${persona}`]: {} });
  });
  await closing(await openEvents(agent, ['user:me']), (events) => assert.equal(events.status, 404));
});

test('a stream resumes exactly, from the header or else from the URL', async () => {
  const first = await headOf(general);
  for (let i = 1; i <= 4; i++) await say(general, `number ${i}`);
  const url = (more) => [`stream:${general}`, more].filter(Boolean);
  const seqs = (events) => events.of('message:created').map(({ data: { seq } }) => seq);
  const upTo = (events, seq) => events.wait((event) => event.data?.seq === seq);
  await closing(await openEvents(ada, url(), { lastEventId: String(first + 1) }), async (events) => {
    await upTo(events, first + 4);
    assert.deepEqual(seqs(events), [first + 2, first + 3, first + 4]);
  });
  const withQuery = ada.with({});
  withQuery.url = (path) => `${ada.url(path)}&lastEventId=${first + 3}`;
  await closing(await openEvents(withQuery, url()), async (events) => {
    await upTo(events, first + 4);
    assert.deepEqual(seqs(events), [first + 4]);
  });
  // A client that appends where it stands to the address it began with.
  const appended = ada.with({});
  appended.url = (path) => `${ada.url(path)}&lastEventId=${first}&lastEventId=${first + 3}`;
  await closing(await openEvents(appended, url()), async (events) => {
    await upTo(events, first + 4);
    assert.deepEqual(seqs(events), [first + 4]);
  });
  await closing(await openEvents(withQuery, url(), { lastEventId: String(first + 2) }), async (events) => {
    await upTo(events, first + 4);
    assert.deepEqual(seqs(events), [first + 3, first + 4]);
  });
  await closing(await openEvents(ada, url(), { lastEventId: '-' }), async (events) => {
    assert.equal((await events.wait('ready')).data.rooms[`stream:${general}`].from, first + 4);
  });
});

test('an impossible position is a reset: of every room if malformed, of its own if it is ahead', async () => {
  const rooms = [`stream:${general}`, 'user:me'];
  const head = await headOf(general);
  for (const position of ['x', '1', '1.2.3', '1.-.', '-1.-', '1.5', '99999999999999999999.-', '.']) {
    await closing(await openEvents(ada, rooms, { lastEventId: position }), async (events) => {
      await events.wait('ready');
      await events.wait((event) => event.type === 'reset' && event.data.room === `stream:${general}`);
      await events.wait((event) => event.type === 'reset' && event.data.room === 'user:me');
      assert.equal(events.lastEventId.split('~')[0], `${head}.-`, position);
    });
  }
  await closing(await openEvents(ada, rooms, { lastEventId: `${head + 5}.-` }), async (events) => {
    const reset = await events.wait('reset');
    assert.equal(reset.data.room, `stream:${general}`);
    assert.equal(events.lastEventId.split('~')[0], `${head}.-`);
    await say(general, 'one more');
    assert.equal((await events.wait('message:created')).data.seq, head + 1);
    assert.equal(events.of('reset').length, 1);
  });
});

test('invalid rooms, duplicates, too many rooms and none at all are refused', async () => {
  const good = `room=stream:${general}`;
  const bad = [
    '',
    'x=1',
    'room=',
    'room=stream:',
    'room=stream',
    `room=channel:${general}`,
    `room=stream:${general}x`,
    'room=user:you',
    `room=user:${newId('usr')}`,
    'room=session:ses_1',
    `${good}&${good}`,
    Array.from({ length: 7 }, () => `room=stream:${newId('str')}`).join('&'),
    `room=stream:${general}%0d%0a`,
    `room=stream:${general}~1~2`,
  ];
  for (const query of bad) assert.equal((await ada.get(`events?${query}`)).expect(400).code, 'invalid_query', query);
});

test('if no room is readable the answer is 404; otherwise the unreadable ones are revoked at once', async () => {
  const hidden = (await ada.post('streams', { type: 'channel', name: 'hidden', private: true })).expect(201).body
    .stream;
  const bob = await addPerson(instance, 'Bob');
  const unreadable = [
    `stream:${hidden.id}`,
    `stream:${newId('str')}`,
    `session:${newId('ses')}`,
    `workspace:${newId('ws')}`,
    `persona:${persona}`,
  ];
  for (const room of unreadable)
    assert.equal((await bob.get(`events?room=${room}`)).expect(404).code, 'not_found', room);
  const rooms = [unreadable[0], `stream:${general}`];
  await closing(await openEvents(bob, rooms), async (events) => {
    const ready = await events.wait('ready');
    assert.equal(ready.position, `-.${await headOf(general)}`);
    assert.deepEqual((await events.wait('revoked')).data, { room: unreadable[0], reason: 'not_found' });
    await say(general, 'still told');
    await events.wait('message:created');
  });
});

test('programs have the room of their own persona, and no user', async () => {
  for (const room of ['user:me', `persona:${newId('per')}`]) (await agent.get(`events?room=${room}`)).expect(404);
  await closing(await openEvents(agent, [`persona:${persona}`, `workspace:${workspace}`]), (events) =>
    events.wait('ready'),
  );
});

test('an expired sign-in loses its streams within a second, and no others', async () => {
  const [short, long] = [await addPerson(instance, 'Short'), await addPerson(instance, 'Long')];
  const rooms = [`stream:${general}`];
  const others = await Promise.all([long, agent].map((who) => openEvents(who, rooms)));
  let expires;
  const opened = await openBeforeItsEnd(async (seconds) => {
    expires = Date.now() + seconds * 1000;
    await instance.psql(
      `UPDATE login_sessions SET expires_at = to_timestamp(${expires / 1000}) WHERE id = '${short.login}'`,
    );
    return openEvents(short, rooms);
  });
  await closing(opened, async (events) => {
    await events.wait('ready');
    assert.deepEqual((await events.wait('revoked')).data, { reason: 'credentials' });
    assert.equal(await events.ended, 'end');
    const late = Date.now() - expires;
    assert.ok(late >= 0, `${-late} ms early`);
    reportIfSlow('the end of a stream whose sign-in expired', late, 1000);
  });
  assert.equal((await short.get(`events?room=${rooms[0]}`)).expect(401).code, 'unauthenticated');
  await say(general, 'to those who are left');
  for (const events of others) await closing(events, () => events.wait('message:created'));
});

test('credentials and methods; HEAD opens no stream', async () => {
  const path = `events?room=stream:${general}`;
  for (const client of [ada.with({ cookie: undefined }), agent.with({ token: 'atk_no' })])
    assert.equal((await client.get(path)).expect(401).code, 'unauthenticated');
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const reply = (await ada.request(method, path)).expect(405);
    assert.equal(reply.headers.get('allow'), 'GET, HEAD');
  }
  const head = (await ada.request('HEAD', path)).expect(200);
  assert.deepEqual([head.type, head.text], ['text/event-stream', '']);
  assert.equal((await ada.get('/internal/pusher/1?room=x')).expect(404).code, 'not_found');
});

test('an ended session: new readers get its end, returning readers who have everything get 204', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session;
  const ended = (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200).body.session;
  const room = `session:${ended.id}`;
  await closing(await openEvents(ada, [room]), async (events) => {
    await events.wait('ready');
    assert.deepEqual((await events.wait('end')).data, { room });
    assert.equal(await events.ended, 'end');
  });
  await closing(await openEvents(ada, [room], { lastEventId: '0' }), async (events) => {
    await events.wait('end');
    assert.deepEqual(
      events.events.map(({ type }) => type),
      ['ready', 'agent_session:started', 'agent_session:completed', 'end'],
    );
  });
  (await ada.get(`events?room=${room}`, { 'last-event-id': String(ended.lastSeq) })).expect(204);
  (await ada.get(`events?room=${room}&lastEventId=${ended.lastSeq}`)).expect(204);
  await closing(
    await openEvents(ada, [room, `stream:${general}`], { lastEventId: `${ended.lastSeq}.-` }),
    async (events) => {
      assert.equal(events.status, 200);
      await events.wait('ready');
    },
  );
});

test('a missing pusher is reported as an event, not as a status', async () => {
  // Both of its sockets, before nginx has connected to the one over which sockets are handed over.
  const other = await start();
  const sockets = ['pusher-1.http', 'pusher-1.handoff'].map((name) => join(other.state, 'sock', name));
  const room = `stream:${other.env.TRACE_STREAM}`;
  const reader = await personOf(other);
  for (const socket of sockets) renameSync(socket, `${socket}.away`);
  await closing(await openEvents(reader, [room]), async (events) => {
    assert.equal(events.status, 200);
    await events.wait('unavailable');
    assert.equal(await events.ended, 'end');
    assert.ok(events.retry >= 1000 && events.retry <= 4000);
    assert.deepEqual(events.violations, []);
  });
  for (const socket of sockets) renameSync(`${socket}.away`, socket);
  await closing(await openEvents(reader, [room]), (events) => events.wait('ready'));
  await other.stop();
});

test('so is a database that cannot answer, or is away', async () => {
  await instance.psql('REVOKE SELECT ON login_sessions FROM trace_app');
  await closing(await openEvents(ada, [`stream:${general}`]), async (events) => {
    assert.equal(await events.ended, 'end');
    assert.deepEqual([events.status, ...events.events.map(({ type }) => type)], [200, 'unavailable']);
    assert.match(events.headers['trace-time'], /^\d{13}$/);
    assert.ok(events.retry >= 1000 && events.retry <= 4000);
    assert.deepEqual(events.violations, []);
  });
  await instance.psql('GRANT SELECT ON login_sessions TO trace_app');
  instance.kill('postgres', 'SIGKILL');
  await closing(await openEvents(ada, [`stream:${general}`], { reconnect: true }), async (events) => {
    await events.wait('ready', 30_000);
    const types = events.events.map(({ type }) => type);
    assert.ok(
      types.slice(0, types.indexOf('ready')).every((type) => type === 'unavailable'),
      types.join(),
    );
    assert.deepEqual(events.violations, []);
  });
  await instance.waitHealthy();
});
