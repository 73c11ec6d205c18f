// SPDX-License-Identifier: Apache-2.0
// Messages through nginx: posting, repeating, threads, editing, deleting, and the events of each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { addPersona, addToken } from '../lib/people.mjs';
import { openEvents } from '../lib/sse.mjs';
import { MessageWorld } from './message_world.mjs';

let world, instance, ada, bob, agent, persona, general;
const makeStream = (fields) => world.makeStream(fields);
const say = (...args) => world.say(...args);
const eventsOf = (stream) => world.eventsOf(stream);
const sessionsOf = (stream) => world.sessionsOf(stream);
const endSessions = () => world.endSessions();

before(async () => {
  world = await MessageWorld.make();
  ({ instance, ada, bob, agent, persona, general } = world);
});
after(() => world?.stop());

test('a message has the shape of the API and is an event of its stream', async () => {
  const stream = await makeStream();
  const message = await say(ada, stream.id, 'Good morning, **team** 🙂');
  assert.equal(message.streamId, stream.id);
  assert.equal(message.seq, 1);
  assert.equal(message.version, 1);
  assert.equal(message.author.type, 'user');
  assert.deepEqual(message.mentions, []);
  assert.equal(message.replyCount, 0);
  for (const absent of ['editedAt', 'deleted', 'sessionId', 'threadId', 'sources', 'lastReplyAt'])
    assert.ok(!(absent in message), absent);
  const [event] = await eventsOf(stream.id);
  assert.deepEqual([event.room, event.seq, event.type], [`stream:${stream.id}`, 1, 'message:created']);
  assert.deepEqual(event.message, message);
  assert.equal(event.actor.id, message.author.id);
  const got = (await bob.get(`messages/${message.id}`)).expect(200).body;
  assert.deepEqual(got.message, message);
  assert.equal(got.stream.id, stream.id);
});

test('the same clientMessageId gives the first message again and tells nobody', async () => {
  const stream = await makeStream();
  const first = await say(ada, stream.id, 'once', { clientMessageId: 'a b' });
  const again = (await ada.post(`streams/${stream.id}/messages`, { content: 'other', clientMessageId: 'a b' })).expect(
    200,
  ).body.message;
  assert.deepEqual(again, first);
  const other = await say(bob, stream.id, 'mine', { clientMessageId: 'a b' });
  assert.notEqual(other.id, first.id);
  assert.equal((await eventsOf(stream.id)).length, 2);
});

test('fifty at once with ten keys are ten messages with gapless numbers', async () => {
  const stream = await makeStream();
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      ada.post(`streams/${stream.id}/messages`, { content: `m${i % 10}`, clientMessageId: `k${i % 10}` }),
    ),
  );
  const ids = new Set(replies.map((reply) => reply.expect(200, 201).body.message.id));
  assert.equal(ids.size, 10);
  assert.equal(replies.filter((reply) => reply.status === 201).length, 10);
  assert.deepEqual(
    (await eventsOf(stream.id)).map(({ seq }) => seq),
    Array.from({ length: 10 }, (_, i) => i + 1),
  );
});

test('concurrent replies and posts: no deadlock, no hole, and the count is right', async () => {
  const stream = await makeStream();
  const root = await say(ada, stream.id, 'root');
  const thread = (await ada.post(`messages/${root.id}/thread`)).expect(201).body.stream;
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      [
        () => say(ada, thread.id, `reply ${i}`),
        () => say(bob, stream.id, `post ${i}`),
        () => ada.patch(`messages/${root.id}`, { content: `root ${i}` }).then((reply) => reply.expect(200)),
      ][i % 3](),
    ),
  );
  for (const id of [stream.id, thread.id]) {
    const seqs = (await eventsOf(id)).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      Array.from({ length: seqs.length }, (_, i) => i + 1),
    );
  }
  const { message } = (await ada.get(`messages/${root.id}`)).expect(200).body;
  assert.equal(message.replyCount, 20);
  assert.equal(message.threadId, thread.id);
  assert.equal(message.version, 1 + 1 + 20 + 20);
});

test('replies raise the count of their root, deleting them lowers it', async () => {
  const stream = await makeStream();
  const root = await say(ada, stream.id, 'count me');
  const made = (await bob.post(`messages/${root.id}/thread`)).expect(201).body.stream;
  const found = (await ada.post(`messages/${root.id}/thread`)).expect(200).body.stream;
  assert.equal(found.id, made.id);
  assert.deepEqual([made.type, made.parentStreamId, made.parentMessageId], ['thread', stream.id, root.id]);
  const reply = await say(bob, made.id, 'one');
  let now = (await ada.get(`messages/${root.id}`)).body.message;
  assert.deepEqual([now.replyCount, now.lastReplyAt, now.lastReplyAuthor.id], [1, reply.createdAt, bob.id]);
  (await bob.delete(`messages/${reply.id}`)).expect(200);
  now = (await ada.get(`messages/${root.id}`)).body.message;
  assert.deepEqual([now.replyCount, now.lastReplyAt], [0, undefined]);
  const updates = (await eventsOf(stream.id)).filter(({ type }) => type === 'message:updated');
  assert.deepEqual(
    updates.map(({ updateType, message }) => [updateType, message.replyCount]),
    [
      ['reply_count', 0],
      ['reply_count', 0],
    ],
  );
  assert.equal((await ada.post(`messages/${reply.id}/thread`)).expect(409).code, 'thread_in_thread');
});

test('editing adds a version and an event, and its new mentions start nobody', async () => {
  const stream = await makeStream();
  const message = await say(ada, stream.id, 'first @bob');
  const edited = (await ada.patch(`messages/${message.id}`, { content: `second @${persona.slug}` })).expect(200).body
    .message;
  assert.deepEqual(
    [edited.version, edited.content, edited.mentions.length, edited.threadId],
    [2, `second @${persona.slug}`, 1, undefined],
  );
  assert.ok(edited.editedAt);
  const same = (await ada.patch(`messages/${message.id}`, { content: edited.content })).expect(200).body.message;
  assert.deepEqual(same, edited);
  const events = await eventsOf(stream.id);
  assert.deepEqual(
    events.map(({ type, updateType }) => [type, updateType]),
    [
      ['message:created', undefined],
      ['message:updated', 'content'],
    ],
  );
  assert.deepEqual(events[0].message, edited, 'events show the message as it is now');
  assert.equal((await bob.get(`streams/${stream.id}`)).body.stream.mentionCount, 0);
  (await bob.patch(`messages/${message.id}`, { content: 'mine now' })).expect(404);
  assert.equal((await ada.patch(`messages/${message.id}`, {})).expect(400).code, 'invalid_body');
  (await agent.patch(`messages/${message.id}`, { content: 'mine now' })).expect(404);
});

test('deleting: the text is gone from everywhere', async () => {
  const stream = await makeStream();
  const secret = `zanzibar${Date.now()}`;
  const message = await say(ada, stream.id, `@${persona.slug} the word is ${secret}`);
  const [session] = await sessionsOf(message.threadId);
  const watch = await openEvents(bob, [`stream:${stream.id}`]);
  await watch.wait('ready');
  (await bob.delete(`messages/${message.id}`)).expect(404);
  const gone = (await ada.delete(`messages/${message.id}`)).expect(200).body.message;
  assert.deepEqual([gone.deleted, gone.content, gone.mentions], [true, '', []]);
  assert.deepEqual(
    (await ada.delete(`messages/${message.id}`)).expect(200).body.message,
    gone,
    'again: the same, and nothing happens',
  );
  const event = await watch.wait('message:deleted');
  assert.equal(event.data.messageId, message.id);
  watch.close();
  assert.equal((await ada.patch(`messages/${message.id}`, { content: 'back' })).expect(409).code, 'message_deleted');
  const places = [
    `streams/${stream.id}/bootstrap`,
    `streams/${stream.id}/events`,
    `streams/${message.threadId}/bootstrap`,
    `messages/${message.id}`,
    `agent-sessions/${session.id}`,
    'agent-sessions',
    `search?q=${secret}`,
  ];
  for (const place of places) assert.ok(!(await ada.get(place)).expect(200).text.includes(secret), place);
  const resumed = await openEvents(bob, [`stream:${stream.id}`, `stream:${message.threadId}`], { lastEventId: '0.0' });
  await resumed.wait((event) => event.type === 'message:deleted');
  await resumed.wait((event) => event.type === 'agent_session:requested');
  assert.ok(!resumed.events.some(({ raw }) => raw.includes(secret)), 'nor replayed');
  resumed.close();
  await endSessions();
});

test('a deleted text is not replayed to late readers, although others saw it', async () => {
  const stream = await makeStream();
  const first = await say(ada, stream.id, 'first');
  const rooms = [`stream:${stream.id}`];
  const watch = await openEvents(bob, rooms);
  await watch.wait('ready');
  const secret = `zanzibar${Date.now()}`;
  const message = await say(ada, stream.id, `the word is ${secret}`);
  await watch.wait((event) => event.data?.message?.id === message.id);
  (await ada.delete(`messages/${message.id}`)).expect(200);
  const late = await openEvents(bob, rooms, { lastEventId: String(first.seq) });
  await late.wait('message:deleted');
  const created = await late.wait('message:created');
  assert.deepEqual(
    [created.data.message.id, created.data.message.deleted, created.data.message.content],
    [message.id, true, ''],
  );
  assert.ok(!late.events.some(({ raw }) => raw.includes(secret)), 'the text was replayed');
  await watch.wait('message:deleted');
  assert.deepEqual(
    watch
      .of()
      .map(({ data }) => data.seq)
      .filter(Boolean),
    [2, 3],
  );
  for (const events of [watch, late]) events.close();
});

test('nor does its beginning return with the sessions that it started', async () => {
  const stream = await makeStream();
  const secret = `zanzibar${Date.now()}`;
  const message = await say(ada, stream.id, `@${persona.slug} the word is ${secret}`);
  const [session] = await sessionsOf(message.threadId);
  const rooms = [`session:${session.id}`];
  const watch = await openEvents(bob, rooms);
  const { id: before } = await watch.wait('ready');
  (await ada.post(`agent-sessions/${session.id}/cancel`)).expect(200);
  await watch.wait((event) => event.raw.includes(secret));
  const retry = (await ada.post(`agent-sessions/${session.id}/retry`)).expect(201).body.session;
  const again = await openEvents(bob, [`session:${retry.id}`, `stream:${message.threadId}`]);
  const { id: then } = await again.wait('ready');
  (await agent.post(`agent-sessions/${retry.id}/claim`, { workerId: 'w' })).expect(200);
  for (const room of [`session:${retry.id}`, `stream:${message.threadId}`])
    await again.wait(
      (event) => event.data.room === room && event.type === 'agent_session:started' && event.raw.includes(secret),
    );
  (await ada.delete(`messages/${message.id}`)).expect(200);
  const late = await openEvents(bob, [...rooms, `session:${retry.id}`, `stream:${message.threadId}`], {
    lastEventId: `${before.split('~')[0]}.${then}`, // the epoch stands at the end
  });
  await late.wait((event) => event.data.room === `session:${retry.id}` && event.type === 'agent_session:started');
  await late.wait(
    (event) => event.data.room === `stream:${message.threadId}` && event.type === 'agent_session:started',
  );
  assert.deepEqual(
    late.events.filter(({ raw }) => raw.includes(secret)),
    [],
  );
  for (const events of [watch, again, late]) events.close();
  await endSessions();
});

test('programs speak for their own running sessions', async () => {
  const stream = await makeStream();
  const session = (await agent.post('agent-sessions', { streamId: stream.id })).expect(201).body.session;
  const sources = [{ type: 'web', title: 'Example', url: 'https://www.example.com/a?b#c', snippet: 'words' }];
  const message = await say(agent, stream.id, 'from a session', {
    sessionId: session.id,
    sources,
    clientMessageId: 'once',
  });
  assert.equal(message.author.type, 'persona');
  assert.equal(message.sessionId, session.id);
  assert.deepEqual(message.sources, [{ ...sources[0], domain: 'example.com' }]);
  const foreign = await addToken(instance, (await addPersona(instance, 'Icarus')).id, [
    'read',
    'messages:write',
    'sessions:write',
  ]);
  for (const client of [foreign, ada])
    (await client.post(`streams/${stream.id}/messages`, { content: 'x', sessionId: session.id })).expect(404);
  (await agent.post(`streams/${stream.id}/messages`, { content: 'x', sessionId: newId('ses') })).expect(404);
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  const late = (await agent.post(`streams/${stream.id}/messages`, { content: 'late', sessionId: session.id })).expect(
    409,
  );
  assert.deepEqual([late.code, late.body.sessionStatus], ['session_ended', 'completed']);
  const repeat = { content: 'from a session', sessionId: session.id, clientMessageId: 'once' };
  assert.equal((await agent.post(`streams/${stream.id}/messages`, repeat)).expect(200).body.message.id, message.id);
});

test('bad bodies and foreign ids change nothing', async () => {
  const stream = await makeStream();
  const path = `streams/${stream.id}/messages`;
  const message = await say(ada, stream.id, 'the only one');
  const cases = [
    [{}, 'content'],
    [{ content: 1 }, 'content'],
    [{ content: '' }, 'content'],
    [{ content: ' \n\t' }, 'content'],
    [{ content: null }, 'content'],
    [{ content: 'x'.repeat((1 << 20) + 1) }, 'content'],
    [{ content: 'x', clientMessageId: 1 }, 'clientMessageId'],
    [{ content: 'x', clientMessageId: '' }, 'clientMessageId'],
    [{ content: 'x', clientMessageId: 'y'.repeat(300) }, 'clientMessageId'],
    [{ content: 'x', sessionId: 'ses_1' }, 'sessionId'],
    [{ content: 'x', sources: {} }, 'sources'],
    [{ content: 'x', sources: [{ type: 'web', title: 'a', url: 'javascript:alert(1)' }] }, 'sources'],
    [{ content: 'x', sources: Array.from({ length: 10_000 }, () => ({ type: 'web', title: 'a' })) }, 'sources'],
  ];
  for (const [body, field] of cases) {
    const reply = (await agent.post(path, body)).expect(400);
    assert.deepEqual([reply.code, reply.body.field], ['invalid_body', field], JSON.stringify(body).slice(0, 80));
  }
  for (const raw of [
    '{',
    '{"content":"a\\u0000b"}',
    '{"content":"\\ud800"}',
    Buffer.from('7b22636f6e74656e74223a22ff227d', 'hex'),
  ])
    assert.equal((await ada.post(path, raw)).expect(400).code, 'invalid_body');
  for (const [method, where] of [
    ['post', `streams/${newId('str')}/messages`],
    ['post', 'streams/str_1/messages'],
    ['get', `messages/${newId('msg')}`],
    ['patch', `messages/${newId('msg')}`],
    ['delete', 'messages/msg_1'],
    ['post', `messages/${newId('msg')}/thread`],
  ])
    assert.equal(
      (await ada.request(method.toUpperCase(), where, method === 'get' ? undefined : { content: 'x' })).expect(404)
        .code,
      'not_found',
    );
  assert.deepEqual(
    (await eventsOf(stream.id)).map(({ message: { id } }) => id),
    [message.id],
  );
});

test('a chunked body is read whole; an absent one lacks its fields', async () => {
  const stream = await makeStream();
  const path = `streams/${stream.id}/messages`;
  const encoder = new TextEncoder();
  const pieces = ['{"content":"in ', 'pieces ', 'of any size"}'].map((piece) => encoder.encode(piece));
  const body = new ReadableStream({ pull: (to) => (pieces.length ? to.enqueue(pieces.shift()) : to.close()) });
  assert.equal((await ada.post(path, body)).expect(201).body.message.content, 'in pieces of any size');
  assert.equal((await ada.post(path)).expect(400).body.field, 'content');
});

test('a message of a mebibyte is taken', async () => {
  const stream = await makeStream();
  const content = `${'wörter und mehr '.repeat(70_000)}`.slice(0, 900_000);
  assert.equal((await say(ada, stream.id, content)).content, content);
});

test('scopes: reading needs read, posting messages:write', async () => {
  const reader = await addToken(instance, persona.id, ['read']);
  const writer = await addToken(instance, persona.id, ['messages:write']);
  const refused = (await reader.post(`streams/${general}/messages`, { content: 'x' })).expect(403);
  assert.deepEqual([refused.code, refused.body.scope], ['insufficient_scope', 'messages:write']);
  assert.equal((await writer.get(`streams/${general}`)).expect(403).body.scope, 'read');
  (await writer.post(`streams/${general}/messages`, { content: 'from a writer' })).expect(201);
  await instance.psql(`UPDATE tokens SET revoked_at = now() WHERE id = '${writer.id}'`);
  (await writer.post(`streams/${general}/messages`, { content: 'x' })).expect(401);
});
