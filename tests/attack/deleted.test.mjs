// SPDX-License-Identifier: Apache-2.0
// Deleted is deleted: a message that traces quote is gone from them, too, whichever way the trace was written and is read; and nobody
// reads in a trace what they may not read where it was said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { openEvents } from '../lib/sse.mjs';
import { MessageWorld } from '../integration/message_world.mjs';

const SECRET = 'the vault opens with 1234 \\ "quoted" é';

let world, instance, ada, bob, agent;
before(async () => {
  world = await MessageWorld.make();
  ({ instance, ada, bob, agent } = world);
});
after(() => world?.stop());

const session = async (streamId) => (await agent.post('agent-sessions', { streamId })).expect(201).body.session.id;
const end = async (id) => (await agent.post(`agent-sessions/${id}/complete`, {})).expect(200);
const quote = (message, text = SECRET) => ({
  messages: [
    { messageId: message, authorName: 'Ada', text, n: 1.1 },
    { messageId: 'elsewhere', text: 'not a quote' },
  ],
  note: 12345678901234567890n,
});
// 64-bit numbers and the like must come through as they were written.
const print = (value) =>
  JSON.stringify(value, (_, x) => (typeof x === 'bigint' ? `#${x}#` : x)).replaceAll(/"#(\d+)#"/g, '$1');
const source = (message) => ({ type: 'message', title: 'Ada', messageId: message, snippet: SECRET });

// Every way to write a step that quotes.
const ways = {
  start: async (ses, id, message) => {
    const body = print({ id, stepType: 'context_received', content: quote(message) });
    (await agent.post(`agent-sessions/${ses}/steps`, body)).expect(201);
  },
  record: async (ses, id, message) => {
    const body = print({
      id,
      stepType: 'context_received',
      content: quote(message),
      sources: [source(message)],
      completed: true,
    });
    (await agent.post(`agent-sessions/${ses}/steps`, body)).expect(201);
  },
  complete: async (ses, id, message) => {
    (await agent.post(`agent-sessions/${ses}/steps`, { id, stepType: 'context_received' })).expect(201);
    const body = print({ content: quote(message), sources: [source(message)] });
    (await agent.post(`agent-sessions/${ses}/steps/${id}/complete`, body)).expect(200);
  },
  put: async (ses, id, message) => {
    const body = print({
      stepType: 'context_received',
      content: quote(message),
      sources: [source(message)],
      completed: true,
    });
    (await agent.put(`agent-sessions/${ses}/steps/${id}`, body)).expect(201);
  },
  batch: async (ses, id, message) => {
    const line = print({
      op: 'record',
      id,
      stepType: 'context_received',
      content: quote(message),
      sources: [source(message)],
    });
    (await agent.post(`agent-sessions/${ses}/batch`, line, { 'content-type': 'application/x-ndjson' })).expect(200);
  },
};

const whole = async (reader, ses, id) => (await reader.get(`agent-sessions/${ses}/steps/${id}`)).expect(200).body.step;
const paged = async (reader, ses, id) =>
  (await reader.get(`agent-sessions/${ses}`)).expect(200).body.steps.find((step) => step.id === id);

for (const [name, write] of Object.entries(ways))
  test(`${name}: the text is shown while it is there, is no part of an event, and goes with the message`, async () => {
    const stream = await world.makeStream();
    const message = await world.say(ada, stream.id, SECRET);
    const [ses, id] = [await session(stream.id), newId('stp')];
    const watch = await openEvents(bob, [`session:${ses}`]);
    await watch.wait('ready');
    await write(ses, id, message.id);

    for (const step of [await whole(bob, ses, id), await paged(bob, ses, id)]) {
      assert.equal(step.content.messages[0].text, SECRET);
      assert.equal(step.content.messages[1].text, 'not a quote');
      assert.equal(step.content.messages[0].n, 1.1);
      if (step.sources) assert.equal(step.sources[0].snippet, SECRET);
    }
    const { text } = await bob.get(`agent-sessions/${ses}/steps/${id}`);
    assert.match(text, /"note":12345678901234567890\b/);
    const event = await watch.wait(
      ({ type }) => type === (name === 'start' ? 'agent_session:step:started' : 'agent_session:step:completed'),
    );
    assert.equal(event.data.step.content.messages[0].textVersion, 1);
    assert.doesNotMatch(JSON.stringify(event.data), /vault/);
    const search = (await bob.get(`agent-sessions/${ses}?q=vault`)).expect(200).body.steps;
    assert.deepEqual(
      search.map((step) => step.id),
      [id],
    );
    const etags = await Promise.all(
      ['', '/outline'].map(async (path) => (await bob.get(`agent-sessions/${ses}${path}`)).headers.get('etag')),
    );

    (await ada.delete(`messages/${message.id}`)).expect(200);
    const told = await watch.wait('message:deleted');
    assert.deepEqual(told.data, { room: `session:${ses}`, messageId: message.id });
    for (const step of [await whole(bob, ses, id), await paged(bob, ses, id)]) {
      assert.doesNotMatch(JSON.stringify(step), /vault/);
      assert.deepEqual(step.content.messages[0], { messageId: message.id, authorName: 'Ada', withheld: true, n: 1.1 });
    }
    for (const [i, path] of ['', '/outline'].entries())
      (await bob.get(`agent-sessions/${ses}${path}`, { 'if-none-match': etags[i] })).expect(200);
    assert.deepEqual((await bob.get(`agent-sessions/${ses}?q=vault`)).expect(200).body.steps, []);
    const rows = await instance.psql(`SELECT row_to_json(s)::text AS r FROM steps s WHERE session_id = '${ses}'
      UNION ALL SELECT row_to_json(q)::text FROM quoted_texts q WHERE session_id = '${ses}'`);
    for (const { r } of rows) assert.doesNotMatch(r, /vault/);
    // Whoever tells of it afterwards brings it back to nobody.
    const late = newId('stp');
    await write(ses, late, message.id);
    assert.doesNotMatch(JSON.stringify(await whole(bob, ses, late)), /vault/);
    const replayed = await openEvents(bob, [`session:${ses}`], { lastEventId: '0' });
    await replayed.wait(({ data }) => data?.step?.id === late);
    assert.doesNotMatch(JSON.stringify(replayed.events), /vault/);
    for (const one of [watch, replayed]) one.close();
    await end(ses);
  });

test('a repeated put changes nothing, and says nothing is ignored', async () => {
  const stream = await world.makeStream();
  const message = await world.say(ada, stream.id, SECRET);
  const [ses, id] = [await session(stream.id), newId('stp')];
  const body = {
    stepType: 'context_received',
    content: quote(message.id),
    sources: [source(message.id)],
    completed: true,
  };
  const path = `agent-sessions/${ses}/steps/${id}`;
  (await agent.put(path, print(body))).expect(201);
  const { changed, ignored } = (await agent.put(path, print(body))).expect(200).body;
  assert.deepEqual([changed, ignored], [[], []]);
  (await agent.put(path, { name: 'later' })).expect(200);
  assert.equal((await whole(bob, ses, id)).content.messages[0].text, SECRET);
  assert.equal((await whole(bob, ses, id)).sources[0].snippet, SECRET);
  await end(ses);
});

test('who may not read the message does not read it in the trace, and the ETags of two readers differ', async () => {
  const secret = await world.makeStream({ private: true });
  const message = await world.say(ada, secret.id, SECRET);
  const open = await world.makeStream();
  const [ses, id] = [await session(open.id), newId('stp')];
  await ways.record(ses, id, message.id);
  assert.equal((await whole(ada, ses, id)).content.messages[0].text, SECRET);
  assert.equal((await whole(bob, ses, id)).content.messages[0].withheld, true);
  assert.doesNotMatch((await bob.get(`agent-sessions/${ses}`)).text, /vault/);
  assert.deepEqual((await bob.get(`agent-sessions/${ses}?q=vault`)).body.steps, []);
  const [first, second] = await Promise.all(
    [ada, bob].map(async (one) => (await one.get(`agent-sessions/${ses}`)).headers.get('etag')),
  );
  assert.notEqual(first, second);
  await end(ses);
});

test('a persona that a message called in leaves when it is deleted, unless another one calls it', async () => {
  const stream = await world.makeStream({ private: true });
  const before = await world.say(ada, stream.id, 'kept between us');
  const calling = await world.say(ada, stream.id, `@${world.persona.slug} look at this`);
  const again = await world.say(ada, stream.id, `@${world.persona.slug} and at this`);
  (await agent.get(`messages/${before.id}`)).expect(200);
  const listens = await openEvents(agent, [`stream:${stream.id}`]);
  await listens.wait('ready');
  (await ada.delete(`messages/${calling.id}`)).expect(200);
  (await agent.get(`messages/${before.id}`)).expect(200);
  (await ada.delete(`messages/${again.id}`)).expect(200);
  (await agent.get(`messages/${before.id}`)).expect(404);
  (await agent.get(`streams/${stream.id}`)).expect(404);
  await listens.wait('revoked');
  const members = (await ada.get(`streams/${stream.id}/events`))
    .expect(200)
    .body.events.map(({ updateType }) => updateType);
  assert.ok(members.filter((type) => type === 'members').length >= 2, `${members}`);
  listens.close();
});
