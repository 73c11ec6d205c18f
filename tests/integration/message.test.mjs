// Messages through nginx: posting, repeating, mentions and what they start, threads, editing, deleting; and what each tells its rooms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { addPerson, addPersona, addToken } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, bob, agent, persona, general;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
  persona = (await agent.get('/api/auth/me')).expect(200).body.persona;
  general = instance.env.TRACE_STREAM;
});
after(() => instance?.stop());

let names = 0;
const makeStream = async (fields = {}) =>
  (await ada.post('streams', { type: 'channel', name: `room ${++names}`, ...fields })).expect(201).body.stream;
const say = async (who, stream, content, more = {}) =>
  (await who.post(`streams/${stream}/messages`, { content, ...more })).expect(201).body.message;
const eventsOf = async (stream) => (await ada.get(`streams/${stream}/events?limit=500`)).expect(200).body.events;
const sessionsOf = (stream) =>
  instance.psql(`SELECT id, status, persona_id, trigger_message_id, stream_id FROM agent_sessions WHERE stream_id = '${stream}' ORDER BY id`);
const endSessions = () =>
  instance.psql("UPDATE agent_sessions SET status = 'completed', completed_at = now() WHERE status IN ('pending', 'running')");

test('a message has the shape of the API and is an event of its stream', async () => {
  const stream = await makeStream();
  const message = await say(ada, stream.id, 'Good morning, **team** 🙂');
  assert.equal(message.streamId, stream.id);
  assert.equal(message.seq, 1);
  assert.equal(message.version, 1);
  assert.equal(message.author.type, 'user');
  assert.deepEqual(message.mentions, []);
  assert.equal(message.replyCount, 0);
  for (const absent of ['editedAt', 'deleted', 'sessionId', 'threadId', 'sources', 'lastReplyAt']) assert.ok(!(absent in message), absent);
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
  const again = (await ada.post(`streams/${stream.id}/messages`, { content: 'other', clientMessageId: 'a b' })).expect(200).body.message;
  assert.deepEqual(again, first);
  const other = await say(bob, stream.id, 'mine', { clientMessageId: 'a b' });
  assert.notEqual(other.id, first.id);
  assert.equal((await eventsOf(stream.id)).length, 2);
});

test('fifty at once with ten keys are ten messages with gapless numbers', async () => {
  const stream = await makeStream();
  const replies = await Promise.all(Array.from({ length: 50 }, (_, i) =>
    ada.post(`streams/${stream.id}/messages`, { content: `m${i % 10}`, clientMessageId: `k${i % 10}` })));
  const ids = new Set(replies.map((reply) => reply.expect(200, 201).body.message.id));
  assert.equal(ids.size, 10);
  assert.equal(replies.filter((reply) => reply.status === 201).length, 10);
  assert.deepEqual((await eventsOf(stream.id)).map(({ seq }) => seq), Array.from({ length: 10 }, (_, i) => i + 1));
});

test('replies and posts at once: no deadlock, no hole, the count is right', async () => {
  const stream = await makeStream();
  const root = await say(ada, stream.id, 'root');
  const thread = (await ada.post(`messages/${root.id}/thread`)).expect(201).body.stream;
  await Promise.all(Array.from({ length: 60 }, (_, i) => [
    () => say(ada, thread.id, `reply ${i}`), () => say(bob, stream.id, `post ${i}`),
    () => ada.patch(`messages/${root.id}`, { content: `root ${i}` }).then((reply) => reply.expect(200)),
  ][i % 3]()));
  for (const id of [stream.id, thread.id]) {
    const seqs = (await eventsOf(id)).map(({ seq }) => seq);
    assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, i) => i + 1));
  }
  const { message } = (await ada.get(`messages/${root.id}`)).expect(200).body;
  assert.equal(message.replyCount, 20);
  assert.equal(message.threadId, thread.id);
  assert.equal(message.version, 1 + 1 + 20 + 20);
});

test('mentions are found by slug, outside code and addresses', async () => {
  const stream = await makeStream();
  const content = '@Bob, ask (@nobody) or bob@bob.example `@ariadne` ```\n@ariadne\n``` and @bob- again @bob.';
  const message = await say(ada, stream.id, content);
  assert.deepEqual(message.mentions, [{ type: 'user', id: bob.id, slug: 'bob', name: 'Bob' }]);
  assert.equal(message.threadId, undefined);
  assert.equal((await bob.get(`streams/${stream.id}`)).body.stream.mentionCount, 1);
  assert.equal((await ada.get(`streams/${stream.id}`)).body.stream.mentionCount, 0);
});

test('a persona mentioned in a channel is asked in a new thread', async () => {
  const stream = await makeStream();
  const watch = await openEvents(bob, [`stream:${stream.id}`, `workspace:${instance.env.TRACE_WORKSPACE}`]);
  const asked = await openEvents(agent, [`persona:${persona.id}`]);
  await Promise.all([watch.wait('ready'), asked.wait('ready')]);
  const message = await say(ada, stream.id, `@${persona.slug} what is our uptime?`);
  assert.ok(message.threadId);
  const [session] = await sessionsOf(message.threadId);
  assert.deepEqual([session.status, session.persona_id, session.trigger_message_id], ['pending', persona.id, message.id]);

  assert.deepEqual((await eventsOf(stream.id)).map(({ type }) => type), ['message:created', 'thread:created']);
  const [requested] = await eventsOf(message.threadId);
  assert.equal(requested.type, 'agent_session:requested');
  assert.equal(requested.session.id, session.id);
  assert.equal(requested.session.parentMessageId, message.id);
  assert.equal(requested.session.trigger.excerpt, message.content);

  const told = await asked.wait('agent_session:requested');
  assert.equal(told.data.room, `persona:${persona.id}`);
  assert.ok(!('seq' in told.data));
  assert.equal(told.data.session.id, session.id);
  const created = await watch.wait('thread:created');
  assert.equal(created.data.message.threadId, message.threadId);
  const activity = await watch.wait((event) => event.type === 'message:updated' && event.data.updateType === 'agent_activity');
  assert.equal(activity.data.messageId, message.id);
  assert.equal(activity.data.session.status, 'pending');
  await watch.wait('session:changed');
  const changed = await watch.wait((event) => event.type === 'stream:activity' && event.data.running === 1 && event.data.lastSeq === 2);
  assert.equal(changed.data.streamId, stream.id);
  assert.deepEqual([...watch.violations, ...asked.violations], []);
  watch.close();
  asked.close();
  const { activity: active } = (await bob.get(`streams/${stream.id}/bootstrap`)).expect(200).body;
  assert.deepEqual(active.map(({ messageId, session: { id } }) => [messageId, id]), [[message.id, session.id]]);
  await endSessions();
});

test('two personas in one message run side by side, each once', async () => {
  const second = await addPersona(instance, 'Theseus');
  const stream = await makeStream();
  const message = await say(ada, stream.id, `@theseus and @${persona.slug}: compare notes`);
  const sessions = await sessionsOf(message.threadId);
  assert.deepEqual(sessions.map((session) => session.persona_id).sort(), [persona.id, second.id].sort());
  assert.deepEqual((await eventsOf(message.threadId)).map(({ seq, type }) => [seq, type]),
    [[1, 'agent_session:requested'], [2, 'agent_session:requested']]);
  await endSessions();
});

test('in a thread: the mentioned persona, and the one that answered there; never a second one at once', async () => {
  const stream = await makeStream();
  const root = await say(ada, stream.id, 'a root');
  const thread = (await ada.post(`messages/${root.id}/thread`)).body.stream;
  await say(bob, thread.id, 'nobody is asked');
  assert.deepEqual(await sessionsOf(thread.id), []);
  await say(ada, thread.id, `@${persona.slug} now you`);
  await say(ada, thread.id, `@${persona.slug} and this too`);
  assert.equal((await sessionsOf(thread.id)).length, 1, 'the pending one sees the second message');
  await endSessions();
  await say(bob, thread.id, 'it has not answered yet');
  assert.equal((await sessionsOf(thread.id)).length, 1);
  await say(agent, thread.id, 'my answer');
  assert.equal((await sessionsOf(thread.id)).length, 1, 'programs trigger nobody');
  await say(bob, thread.id, 'a follow-up without a mention');
  assert.equal((await sessionsOf(thread.id)).length, 2);
  await endSessions();
});

test('of many messages at once one asks; the others are seen by the session that waits', async () => {
  const pad = await makeStream({ type: 'scratchpad', name: 'crowd', personaId: persona.id });
  await Promise.all(Array.from({ length: 12 }, (_, i) => say(ada, pad.id, `thought ${i}`)));
  assert.equal((await sessionsOf(pad.id)).length, 1);
  const seqs = (await eventsOf(pad.id)).map(({ seq }) => seq);
  assert.deepEqual(seqs, Array.from({ length: 13 }, (_, i) => i + 1));
  await endSessions();
});

test('in a scratchpad its own persona hears everything, and no other is called in', async () => {
  const pad = await makeStream({ type: 'scratchpad', name: 'pad', personaId: persona.id });
  assert.equal(pad.private, true);
  assert.equal(pad.personaId, persona.id);
  const message = await say(ada, pad.id, 'think with me, @theseus');
  const sessions = await sessionsOf(pad.id);
  assert.deepEqual(sessions.map((session) => session.persona_id), [persona.id]);
  assert.equal(message.threadId, undefined);
  await say(agent, pad.id, 'a thought');
  assert.equal((await sessionsOf(pad.id)).length, 1);
  await endSessions();
});

test('a persona called into a private channel is a member from then on', async () => {
  const other = await addPersona(instance, 'Minos');
  const minos = await addToken(instance, other.id, ['read', 'messages:write']);
  const stream = await makeStream({ private: true });
  (await minos.get(`streams/${stream.id}`)).expect(404);
  (await minos.post(`streams/${stream.id}/messages`, { content: 'may I?' })).expect(404);
  const message = await say(ada, stream.id, '@minos please judge');
  (await minos.get(`streams/${stream.id}`)).expect(200);
  (await minos.get(`streams/${message.threadId}`)).expect(200);
  assert.deepEqual((await eventsOf(stream.id)).map(({ type }) => type), ['message:created', 'thread:created', 'stream:updated']);
  await endSessions();
});

test('who was taken out of a private channel comes back by a mention, not by having answered', async () => {
  const other = await addPersona(instance, 'Rhadamanthus');
  const judge = await addToken(instance, other.id, ['read', 'messages:write']);
  const stream = await makeStream({ private: true });
  (await ada.post(`streams/${stream.id}/members`, { userId: bob.id })).expect(201);
  const { threadId } = await say(ada, stream.id, '@rhadamanthus please judge');
  await say(judge, threadId, 'guilty');
  await endSessions();
  (await ada.delete(`streams/${stream.id}/members`, { personaId: other.id })).expect(204);
  await say(bob, threadId, 'thanks');
  (await judge.get(`streams/${threadId}`)).expect(404);
  assert.equal((await sessionsOf(threadId)).length, 1);
  await say(bob, threadId, 'but @rhadamanthus, why?');
  (await judge.get(`streams/${threadId}`)).expect(200);
  assert.equal((await sessionsOf(threadId)).length, 2);
  await endSessions();
});

test('replies raise the count of their root, deleted ones lower it', async () => {
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
  assert.deepEqual(updates.map(({ updateType, message }) => [updateType, message.replyCount]), [['reply_count', 0], ['reply_count', 0]]);
  assert.equal((await ada.post(`messages/${reply.id}/thread`)).expect(409).code, 'thread_in_thread');
});

test('editing: one version more, an event, new mentions that start nobody', async () => {
  const stream = await makeStream();
  const message = await say(ada, stream.id, 'first @bob');
  const edited = (await ada.patch(`messages/${message.id}`, { content: `second @${persona.slug}` })).expect(200).body.message;
  assert.deepEqual([edited.version, edited.content, edited.mentions.length, edited.threadId], [2, `second @${persona.slug}`, 1, undefined]);
  assert.ok(edited.editedAt);
  const same = (await ada.patch(`messages/${message.id}`, { content: edited.content })).expect(200).body.message;
  assert.deepEqual(same, edited);
  const events = await eventsOf(stream.id);
  assert.deepEqual(events.map(({ type, updateType }) => [type, updateType]), [['message:created', undefined], ['message:updated', 'content']]);
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
  assert.deepEqual((await ada.delete(`messages/${message.id}`)).expect(200).body.message, gone, 'again: the same, and nothing happens');
  const event = await watch.wait('message:deleted');
  assert.equal(event.data.messageId, message.id);
  watch.close();
  assert.equal((await ada.patch(`messages/${message.id}`, { content: 'back' })).expect(409).code, 'message_deleted');
  const places = [`streams/${stream.id}/bootstrap`, `streams/${stream.id}/events`, `streams/${message.threadId}/bootstrap`,
    `messages/${message.id}`, `agent-sessions/${session.id}`, 'agent-sessions', `search?q=${secret}`];
  for (const place of places) assert.ok(!(await ada.get(place)).expect(200).text.includes(secret), place);
  const resumed = await openEvents(bob, [`stream:${stream.id}`, `stream:${message.threadId}`], { lastEventId: '0.0' });
  await resumed.wait((event) => event.type === 'message:deleted');
  await resumed.wait((event) => event.type === 'agent_session:requested');
  assert.ok(!resumed.events.some(({ raw }) => raw.includes(secret)), 'nor replayed');
  resumed.close();
  await endSessions();
});

test('a deleted text is not replayed to who comes late, though others watched', async () => {
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
  assert.deepEqual([created.data.message.id, created.data.message.deleted, created.data.message.content], [message.id, true, '']);
  assert.ok(!late.events.some(({ raw }) => raw.includes(secret)), 'the text was replayed');
  await watch.wait('message:deleted');
  assert.deepEqual(watch.of().map(({ data }) => data.seq).filter(Boolean), [2, 3]);
  for (const events of [watch, late]) events.close();
});

test('nor does its beginning come back with what it had started', async () => {
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
    await again.wait((event) => event.data.room === room && event.type === 'agent_session:started' && event.raw.includes(secret));
  (await ada.delete(`messages/${message.id}`)).expect(200);
  const late = await openEvents(bob, [...rooms, `session:${retry.id}`, `stream:${message.threadId}`], { lastEventId: `${before}.${then}` });
  await late.wait((event) => event.data.room === `session:${retry.id}` && event.type === 'agent_session:started');
  await late.wait((event) => event.data.room === `stream:${message.threadId}` && event.type === 'agent_session:started');
  assert.deepEqual(late.events.filter(({ raw }) => raw.includes(secret)), []);
  for (const events of [watch, again, late]) events.close();
  await endSessions();
});

test('programs speak for their own running sessions', async () => {
  const stream = await makeStream();
  const session = (await agent.post('agent-sessions', { streamId: stream.id })).expect(201).body.session;
  const sources = [{ type: 'web', title: 'Example', url: 'https://www.example.com/a?b#c', snippet: 'words' }];
  const message = await say(agent, stream.id, 'from a session', { sessionId: session.id, sources, clientMessageId: 'once' });
  assert.equal(message.author.type, 'persona');
  assert.equal(message.sessionId, session.id);
  assert.deepEqual(message.sources, [{ ...sources[0], domain: 'example.com' }]);
  const foreign = await addToken(instance, (await addPersona(instance, 'Icarus')).id, ['read', 'messages:write', 'sessions:write']);
  for (const client of [foreign, ada]) (await client.post(`streams/${stream.id}/messages`, { content: 'x', sessionId: session.id })).expect(404);
  (await agent.post(`streams/${stream.id}/messages`, { content: 'x', sessionId: newId('ses') })).expect(404);
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  const late = (await agent.post(`streams/${stream.id}/messages`, { content: 'late', sessionId: session.id })).expect(409);
  assert.deepEqual([late.code, late.body.sessionStatus], ['session_ended', 'completed']);
  const repeat = { content: 'from a session', sessionId: session.id, clientMessageId: 'once' };
  assert.equal((await agent.post(`streams/${stream.id}/messages`, repeat)).expect(200).body.message.id, message.id);
});

test('bad bodies and foreign ids change nothing', async () => {
  const stream = await makeStream();
  const path = `streams/${stream.id}/messages`;
  const message = await say(ada, stream.id, 'the only one');
  const cases = [
    [{}, 'content'], [{ content: 1 }, 'content'], [{ content: '' }, 'content'], [{ content: ' \n\t' }, 'content'], [{ content: null }, 'content'],
    [{ content: 'x'.repeat((1 << 20) + 1) }, 'content'], [{ content: 'x', clientMessageId: 1 }, 'clientMessageId'],
    [{ content: 'x', clientMessageId: '' }, 'clientMessageId'], [{ content: 'x', clientMessageId: 'y'.repeat(300) }, 'clientMessageId'],
    [{ content: 'x', sessionId: 'ses_1' }, 'sessionId'], [{ content: 'x', sources: {} }, 'sources'],
    [{ content: 'x', sources: [{ type: 'web', title: 'a', url: 'javascript:alert(1)' }] }, 'sources'],
    [{ content: 'x', sources: Array.from({ length: 10_000 }, () => ({ type: 'web', title: 'a' })) }, 'sources'],
  ];
  for (const [body, field] of cases) {
    const reply = (await agent.post(path, body)).expect(400);
    assert.deepEqual([reply.code, reply.body.field], ['invalid_body', field], JSON.stringify(body).slice(0, 80));
  }
  for (const raw of ['{', '{"content":"a\\u0000b"}', '{"content":"\\ud800"}', Buffer.from('7b22636f6e74656e74223a22ff227d', 'hex')])
    assert.equal((await ada.post(path, raw)).expect(400).code, 'invalid_body');
  for (const [method, where] of [['post', `streams/${newId('str')}/messages`], ['post', 'streams/str_1/messages'], ['get', `messages/${newId('msg')}`],
    ['patch', `messages/${newId('msg')}`], ['delete', 'messages/msg_1'], ['post', `messages/${newId('msg')}/thread`]])
    assert.equal((await ada.request(method.toUpperCase(), where, method === 'get' ? undefined : { content: 'x' })).expect(404).code, 'not_found');
  assert.deepEqual((await eventsOf(stream.id)).map(({ message: { id } }) => id), [message.id]);
});

test('a chunked body is read whole, an absent one lacks its fields', async () => {
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
