// SPDX-License-Identifier: Apache-2.0
// Mentions and the sessions they start: who is found, who is asked, in which stream, and how often.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addPersona, addToken } from '../lib/people.mjs';
import { openEvents } from '../lib/sse.mjs';
import { MessageWorld } from './message_world.mjs';

let world, instance, ada, bob, agent, persona;
const makeStream = (fields) => world.makeStream(fields);
const say = (...args) => world.say(...args);
const eventsOf = (stream) => world.eventsOf(stream);
const sessionsOf = (stream) => world.sessionsOf(stream);
const endSessions = () => world.endSessions();

before(async () => {
  world = await MessageWorld.make();
  ({ instance, ada, bob, agent, persona } = world);
});
after(() => world?.stop());

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
  assert.deepEqual(
    [session.status, session.persona_id, session.trigger_message_id],
    ['pending', persona.id, message.id],
  );

  assert.deepEqual(
    (await eventsOf(stream.id)).map(({ type }) => type),
    ['message:created', 'thread:created'],
  );
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
  const activity = await watch.wait(
    (event) => event.type === 'message:updated' && event.data.updateType === 'agent_activity',
  );
  assert.equal(activity.data.messageId, message.id);
  assert.equal(activity.data.session.status, 'pending');
  await watch.wait('session:changed');
  const changed = await watch.wait(
    (event) => event.type === 'stream:activity' && event.data.running === 1 && event.data.lastSeq === 2,
  );
  assert.equal(changed.data.streamId, stream.id);
  assert.deepEqual([...watch.violations, ...asked.violations], []);
  watch.close();
  asked.close();
  const { activity: active } = (await bob.get(`streams/${stream.id}/bootstrap`)).expect(200).body;
  assert.deepEqual(
    active.map(({ messageId, session: { id } }) => [messageId, id]),
    [[message.id, session.id]],
  );
  await endSessions();
});

test('two personas in one message run side by side, each once', async () => {
  const second = await addPersona(instance, 'Theseus');
  const stream = await makeStream();
  const message = await say(ada, stream.id, `@theseus and @${persona.slug}: compare notes`);
  const sessions = await sessionsOf(message.threadId);
  assert.deepEqual(sessions.map((session) => session.persona_id).sort(), [persona.id, second.id].sort());
  assert.deepEqual(
    (await eventsOf(message.threadId)).map(({ seq, type }) => [seq, type]),
    [
      [1, 'agent_session:requested'],
      [2, 'agent_session:requested'],
    ],
  );
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

test('of many simultaneous messages one starts a session, which sees the others', async () => {
  const pad = await makeStream({ type: 'scratchpad', name: 'crowd', personaId: persona.id });
  await Promise.all(Array.from({ length: 12 }, (_, i) => say(ada, pad.id, `thought ${i}`)));
  assert.equal((await sessionsOf(pad.id)).length, 1);
  const seqs = (await eventsOf(pad.id)).map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
  await endSessions();
});

test('in a scratchpad its own persona is asked by every message, and no other one is called in', async () => {
  const pad = await makeStream({ type: 'scratchpad', name: 'pad', personaId: persona.id });
  assert.equal(pad.private, true);
  assert.equal(pad.personaId, persona.id);
  const message = await say(ada, pad.id, 'think with me, @theseus');
  const sessions = await sessionsOf(pad.id);
  assert.deepEqual(
    sessions.map((session) => session.persona_id),
    [persona.id],
  );
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
  assert.deepEqual(
    (await eventsOf(stream.id)).map(({ type }) => type),
    ['message:created', 'thread:created', 'stream:updated'],
  );
  await endSessions();
});

test('a persona removed from a private channel returns by a mention, not because it answered there', async () => {
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
