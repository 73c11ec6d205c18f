// SPDX-License-Identifier: Apache-2.0
// Streams through nginx: creating them, members, the snapshot, pages of the timeline, and unread counts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { addPerson, addWorkspace } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, bob, agent;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  ada.id = (await ada.get('/api/auth/me')).body.user.id;
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
});
after(() => instance?.stop());

let names = 0;
const make = async (fields = {}, who = ada) =>
  (await who.post('streams', { type: 'channel', name: `room ${++names}`, ...fields })).expect(201).body.stream;
const say = async (who, stream, content) =>
  (await who.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
// Somebody who was removed from a channel a moment ago can only return after some seconds.
async function watch(who) {
  const rooms = await openEvents(who, ['user:me'], { reconnect: true });
  await rooms.wait('ready', 20_000);
  return rooms;
}
const streamOf = async (who, id) => (await who.get(`streams/${id}`)).expect(200).body.stream;

test('a channel has the shape of the API', async () => {
  const stream = await make({ name: 'Launch ✨' });
  assert.deepEqual(stream, {
    id: stream.id,
    type: 'channel',
    name: 'Launch ✨',
    private: false,
    lastSeq: 0,
    readSeq: 0,
    unreadCount: 0,
    mentionCount: 0,
    running: 0,
    me: { member: true, canPost: true, role: 'owner' },
  });
  assert.deepEqual(await streamOf(ada, stream.id), stream);
  assert.deepEqual((await streamOf(bob, stream.id)).me, { member: false, canPost: true, role: 'reader' });
});

test('names are unique, whatever their case', async () => {
  await make({ name: 'Incidents' });
  assert.equal((await ada.post('streams', { type: 'channel', name: 'incidents' })).expect(409).code, 'name_taken');
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => ada.post('streams', { type: 'channel', name: 'raced' })),
  );
  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
});

test('a private name is taken too, and the answer tells a stranger no more than a public one does', async () => {
  await make({ name: 'Board', private: true });
  await make({ name: 'Open board' });
  const [closed, open] = await Promise.all(
    ['board', 'open board'].map((name) => bob.post('streams', { type: 'channel', name })),
  );
  assert.equal(closed.expect(409).code, 'name_taken');
  assert.deepEqual(closed.body, open.expect(409).body);
});

test('bad streams are refused by field', async () => {
  const cases = [
    [{}, 'type'],
    [{ type: 'channel' }, 'name'],
    [{ type: 'thread', name: 'x' }, 'type'],
    [{ type: 'channel', name: ' ' }, 'name'],
    [{ type: 'channel', name: 'x'.repeat(300) }, 'name'],
    [{ type: 'channel', name: 'x', private: 'yes' }, 'private'],
    [{ type: 'scratchpad', name: 'x', personaId: 'per_1' }, 'personaId'],
  ];
  for (const [body, field] of cases) {
    const reply = (await ada.post('streams', body)).expect(400);
    assert.deepEqual([reply.code, reply.body.field], ['invalid_body', field], JSON.stringify(body));
  }
  (await ada.post('streams', { type: 'scratchpad', name: 'x', personaId: newId('per') })).expect(404);
  (await agent.post('streams', { type: 'channel', name: 'x' })).expect(401);
  for (const id of [newId('str'), 'str_1', 'ses_1'])
    assert.equal((await ada.get(`streams/${id}`)).expect(404).code, 'not_found');
});

test('members come and go, and everybody is told', async () => {
  const stream = await make({ private: true });
  const rooms = await watch(bob);
  (await bob.get(`streams/${stream.id}`)).expect(404);
  const added = (await ada.post(`streams/${stream.id}/members`, { userId: bob.id })).expect(201).body.member;
  assert.deepEqual(added, { type: 'user', id: bob.id, name: 'Bob', slug: 'bob', avatar: 'B', role: 'member' });
  (await ada.post(`streams/${stream.id}/members`, { userId: bob.id })).expect(200);
  assert.deepEqual((await rooms.wait('stream:added')).data, { room: 'user:me', streamId: stream.id });
  const { members } = (await bob.get(`streams/${stream.id}/bootstrap`)).expect(200).body;
  assert.deepEqual(
    members.map(({ id, role }) => [id, role]),
    [
      [ada.id, 'owner'],
      [bob.id, 'member'],
    ],
  );

  (await bob.delete(`streams/${stream.id}/members`, { userId: ada.id })).expect(404);
  (await ada.delete(`streams/${stream.id}/members`, { userId: bob.id })).expect(204);
  (await ada.delete(`streams/${stream.id}/members`, { userId: bob.id })).expect(204);
  (await bob.get(`streams/${stream.id}`)).expect(404);
  await rooms.wait((event) => ['stream:removed', 'revoked'].includes(event.type));
  rooms.close();
  const { events } = (await ada.get(`streams/${stream.id}/events`)).expect(200).body;
  assert.deepEqual(
    events.map(({ type, updateType }) => [type, updateType]),
    Array(2).fill(['stream:updated', 'members']),
  );
});

test('people join and leave public channels by themselves', async () => {
  const stream = await make();
  (await bob.post(`streams/${stream.id}/members`)).expect(201);
  assert.equal((await streamOf(bob, stream.id)).me.member, true);
  (await bob.delete(`streams/${stream.id}/members`)).expect(204);
  assert.equal((await streamOf(bob, stream.id)).me.member, false);
});

test('members: what is refused', async () => {
  const elsewhere = await addPerson(instance, 'Eve', { workspace: await addWorkspace(instance, 'elsewhere') });
  const stream = await make();
  const pad = await make({ type: 'scratchpad', name: 'pad' });
  for (const body of [{ userId: newId('usr') }, { userId: elsewhere.id }, { personaId: newId('per') }])
    (await ada.post(`streams/${stream.id}/members`, body)).expect(404);
  for (const body of [{ userId: 'x' }, { userId: 1 }, { userId: bob.id, personaId: instance.env.TRACE_PERSONA }])
    assert.equal((await ada.post(`streams/${stream.id}/members`, body)).expect(400).code, 'invalid_body');
  assert.equal((await ada.post(`streams/${pad.id}/members`, { userId: bob.id })).expect(409).code, 'not_a_channel');
  (await bob.post(`streams/${pad.id}/members`)).expect(404);
  (await elsewhere.with({ workspace: instance.env.TRACE_WORKSPACE }).post(`streams/${stream.id}/members`)).expect(404);
});

test('under concurrent writes the snapshot shows one moment: lastSeq is the number of its last event', async () => {
  const stream = await make();
  let writing = true;
  const writers = [ada, bob].map(async (who) => {
    while (writing) await say(who, stream.id, 'tick');
  });
  for (let i = 0; i < 40; i++) {
    const data = (await ada.get(`streams/${stream.id}/bootstrap`)).expect(200).body;
    assert.equal(data.lastSeq, data.events.at(-1)?.seq ?? 0);
    assert.equal(data.stream.lastSeq, data.lastSeq);
    assert.ok(data.events.length <= 50);
    const seqs = data.events.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      seqs.map((_, at) => seqs[0] + at),
    );
    assert.equal('nextBefore' in data, (seqs[0] ?? 1) > 1);
  }
  writing = false;
  await Promise.all(writers);
});

test('pages of the timeline, in every direction', async () => {
  const stream = await make();
  const said = [];
  for (let i = 1; i <= 12; i++) said.push(await say(ada, stream.id, `number ${i}`));
  const page = async (query) => {
    const { events, nextBefore, nextAfter } = (await ada.get(`streams/${stream.id}/events?${query}`)).expect(200).body;
    return [events.map(({ seq }) => seq), nextBefore, nextAfter];
  };
  assert.deepEqual(await page(''), [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], undefined, undefined]);
  assert.deepEqual(await page('limit=3'), [[10, 11, 12], '10', undefined]);
  assert.deepEqual(await page('limit=3&before=10'), [[7, 8, 9], '7', '9']);
  assert.deepEqual(await page('limit=3&before=3'), [[1, 2], undefined, '2']);
  assert.deepEqual(await page('limit=3&after=0'), [[1, 2, 3], undefined, '3']);
  assert.deepEqual(await page('limit=3&after=10'), [[11, 12], '11', undefined]);
  assert.deepEqual(await page('limit=4&around=6'), [[4, 5, 6, 7], '4', '7']);
  assert.deepEqual(await page(`limit=1&around=${said[7].id}`), [[8], '8', '8']);
  assert.deepEqual(await page('after=12'), [[], undefined, undefined]);
  assert.deepEqual(await page('before=1'), [[], undefined, undefined]);
  for (const bad of [
    'limit=0',
    'limit=501',
    'limit=x',
    'before=-1',
    'after=1.5',
    'around=x',
    'around=',
    'before=1&after=2',
    'around=1&before=2',
  ])
    assert.equal((await ada.get(`streams/${stream.id}/events?${bad}`)).expect(400).code, 'invalid_query', bad);
  (await ada.get(`streams/${stream.id}/events?around=${newId('msg')}`)).expect(404);
});

test('what is unread, until it is read; the mark never moves back', async () => {
  const stream = await make();
  (await ada.post(`streams/${stream.id}/members`, { userId: bob.id })).expect(201);
  const path = `streams/${stream.id}/read`;
  await say(ada, stream.id, 'one');
  await say(ada, stream.id, 'two @bob');
  await say(bob, stream.id, 'my own');
  let seen = await streamOf(bob, stream.id);
  assert.deepEqual([seen.lastSeq, seen.readSeq, seen.unreadCount, seen.mentionCount], [4, 1, 2, 1]);
  const rooms = await watch(bob);
  (await bob.post(path, { seq: 3 })).expect(204);
  const told = await rooms.wait('stream:read');
  assert.deepEqual(told.data, { room: 'user:me', streamId: stream.id, readSeq: 3, mentionCount: 0 });
  (await bob.post(path, { seq: 2 })).expect(204);
  seen = await streamOf(bob, stream.id);
  assert.deepEqual([seen.readSeq, seen.unreadCount, seen.mentionCount], [3, 0, 0]);
  (await bob.post(path, { seq: 1000 })).expect(204);
  assert.equal((await streamOf(bob, stream.id)).readSeq, 4);
  rooms.close();
  for (const body of [{}, { seq: 'x' }, { seq: -1 }, { seq: 1.5 }])
    assert.equal((await bob.post(path, body)).expect(400).code, 'invalid_body');
  (await agent.post(path, { seq: 1 })).expect(401);
  (await ada.post(`streams/${newId('str')}/read`, { seq: 1 })).expect(404);
});

test('a returning member has read what was said meanwhile, in threads too; former members have nothing unread', async () => {
  for (const isPrivate of [true, false]) {
    const stream = await make({ private: isPrivate });
    const root = await say(ada, stream.id, 'root');
    const thread = (await ada.post(`messages/${root.id}/thread`)).expect(201).body.stream;
    const marks = async (...ids) =>
      (await Promise.all(ids.map((id) => streamOf(bob, id)))).map(({ lastSeq, readSeq, unreadCount }) => [
        lastSeq - readSeq,
        unreadCount,
      ]);
    for (let turn = 0; turn < 2; turn++) {
      (await ada.post(`streams/${stream.id}/members`, { userId: bob.id })).expect(201);
      assert.deepEqual(await marks(stream.id, thread.id), [
        [0, 0],
        [0, 0],
      ]);
      await say(ada, thread.id, 'an answer');
      assert.deepEqual(await marks(stream.id, thread.id), [
        [1, 0],
        [1, 1],
      ]);
      for (const { id } of [stream, thread]) (await bob.post(`streams/${id}/read`, { seq: 1000 })).expect(204);
      (await bob.delete(`streams/${stream.id}/members`)).expect(204);
      for (const { id } of [stream, thread]) await say(ada, id, 'said without him');
      if (!isPrivate)
        assert.deepEqual(await marks(stream.id, thread.id), [
          [0, 0],
          [0, 0],
        ]);
    }
  }
});

test('no read mark is kept for those who never joined, yet they can read their mentions, also after joining', async () => {
  const stream = await make();
  const rooms = await watch(bob);
  await say(ada, stream.id, 'hello @bob');
  await say(ada, stream.id, 'and @bob again');
  assert.equal((await streamOf(bob, stream.id)).mentionCount, 2);
  (await bob.post(`streams/${stream.id}/read`, { seq: 1 })).expect(204);
  assert.deepEqual((await rooms.wait('stream:read')).data, {
    room: 'user:me',
    streamId: stream.id,
    readSeq: 1,
    mentionCount: 1,
  });
  rooms.close();
  await say(ada, stream.id, 'nothing for him');
  let seen = await streamOf(bob, stream.id);
  assert.deepEqual([seen.lastSeq, seen.readSeq, seen.unreadCount, seen.mentionCount], [3, 3, 0, 1]);
  (await bob.post(`streams/${stream.id}/members`)).expect(201);
  (await bob.post(`streams/${stream.id}/read`, { seq: 4 })).expect(204);
  seen = await streamOf(bob, stream.id);
  assert.deepEqual([seen.readSeq, seen.unreadCount, seen.mentionCount], [4, 0, 0]);
});

test('a mention in a thread counts beside its channel until the thread is read', async (context) => {
  const stream = await make();
  const root = await say(ada, stream.id, 'root');
  const thread = (await ada.post(`messages/${root.id}/thread`)).expect(201).body.stream;
  const rooms = await watch(bob);
  context.after(() => rooms.close());
  await say(ada, thread.id, 'look, @bob');
  for (const id of [thread.id, stream.id]) {
    const told = await rooms.wait((event) => event.type === 'stream:mentioned' && event.data.streamId === id);
    assert.deepEqual(told.data, { room: 'user:me', streamId: id, mentionCount: 1 });
    assert.equal((await streamOf(bob, id)).mentionCount, 1);
  }
  await say(ada, stream.id, 'here too, @bob');
  await rooms.wait((event) => event.type === 'stream:mentioned' && event.data.mentionCount === 2);
  const from = rooms.events.length;
  (await bob.post(`streams/${thread.id}/read`, { seq: 1 })).expect(204);
  const told = await rooms.wait('stream:mentioned', undefined, from);
  assert.deepEqual(told.data, { room: 'user:me', streamId: stream.id, mentionCount: 1 });
  assert.equal((await streamOf(bob, stream.id)).mentionCount, 1);
  (await bob.post(`streams/${stream.id}/read`, { seq: 1000 })).expect(204);
  assert.equal(
    (await rooms.wait((event) => event.type === 'stream:read' && event.data.streamId === stream.id)).data.mentionCount,
    0,
  );
  assert.deepEqual(
    rooms.events
      .slice(from)
      .map(({ type }) => type)
      .filter((type) => /^stream:(read|mentioned)$/.test(type)),
    ['stream:read', 'stream:mentioned', 'stream:read'],
  );
});

test('methods that are not allowed say which are', async () => {
  const stream = await make();
  for (const [method, path, allow] of [
    ['DELETE', `streams/${stream.id}`, 'GET, HEAD'],
    ['GET', 'streams', 'POST'],
    ['PUT', `streams/${stream.id}/members`, 'GET, HEAD, POST, DELETE'],
    ['POST', `streams/${stream.id}/bootstrap`, 'GET, HEAD'],
  ]) {
    const reply = (await ada.request(method, path)).expect(405);
    assert.equal(reply.code, 'method_not_allowed');
    assert.equal(reply.headers.get('allow'), allow);
  }
  const head = (await ada.request('HEAD', `streams/${stream.id}`)).expect(200);
  assert.equal(head.text, '');
});
