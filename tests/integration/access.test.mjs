// SPDX-License-Identifier: Apache-2.0
// One table of who may read what, checked against REST and against the event stream. Then access that ends while it is in use.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { addPerson, addPersona, addToken, addWorkspace } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, who, what;

// Columns: the owner, a member, another person of the workspace, a stranger, the persona that was called in, another persona.
const people = ['ada', 'bob', 'carol', 'eve', 'ariadne', 'theseus'];
const table = {
  'public channel': '+++-++',
  'its thread': '+++-++',
  'session in it': '+++-++',
  'private channel': '++--+-',
  'its private thread': '++--+-',
  'session in the private thread': '++--+-',
  scratchpad: '+---+-',
  'session in the scratchpad': '+---+-',
  'session without a stream': '+++-+-',
};

async function build() {
  const ws = instance.env.TRACE_WORKSPACE;
  const ada = await personOf(instance);
  const ariadne = agentOf(instance);
  const slug = (await ariadne.get('/api/auth/me')).body.persona.slug;
  const [bob, carol] = [await addPerson(instance, 'Bob'), await addPerson(instance, 'Carol')];
  const eve = (await addPerson(instance, 'Eve', { workspace: await addWorkspace(instance, 'elsewhere') })).with({
    workspace: ws,
  });
  const theseus = await addToken(instance, (await addPersona(instance, 'Theseus')).id, [
    'read',
    'sessions:write',
    'messages:write',
  ]);
  who = { ada, bob, carol, eve, ariadne, theseus };
  const make = async (fields) => (await ada.post('streams', fields)).expect(201).body.stream.id;
  const ask = async (stream, content) =>
    (await ada.post(`streams/${stream}/messages`, { content })).expect(201).body.message;
  const sessionIn = async (stream) =>
    (await ariadne.get(`agent-sessions?streamId=${stream}`)).expect(200).body.sessions[0].id;

  const open = await make({ type: 'channel', name: 'open' });
  const openMessage = await ask(open, `@${slug} hello quetzal`);
  const hidden = await make({ type: 'channel', name: 'hidden', private: true });
  (await ada.post(`streams/${hidden}/members`, { userId: bob.id })).expect(201);
  const hiddenMessage = await ask(hidden, `@${slug} hello quetzal`);
  const pad = await make({ type: 'scratchpad', name: 'pad', personaId: instance.env.TRACE_PERSONA });
  const padMessage = await ask(pad, 'hello quetzal');
  const alone = (await ariadne.post('agent-sessions', {})).expect(201).body.session.id;
  what = {
    'public channel': { stream: open, message: openMessage.id },
    'its thread': { stream: openMessage.threadId },
    'session in it': { session: await sessionIn(openMessage.threadId) },
    'private channel': { stream: hidden, message: hiddenMessage.id },
    'its private thread': { stream: hiddenMessage.threadId },
    'session in the private thread': { session: await sessionIn(hiddenMessage.threadId) },
    scratchpad: { stream: pad, message: padMessage.id },
    'session in the scratchpad': { session: await sessionIn(pad) },
    'session without a stream': { session: alone },
  };
}

before(async () => {
  instance = await start();
  await build();
});
after(() => instance?.stop());

const rows = () =>
  Object.entries(table).flatMap(([name, signs]) =>
    [...signs].map((sign, at) => ({
      name,
      person: people[at],
      client: who[people[at]],
      may: sign === '+',
      ...what[name],
    })),
  );

test('REST: what may be read is answered, everything else appears not to exist', async () => {
  for (const { name, person, client, may, stream, session, message } of rows()) {
    const paths = stream
      ? [
          `streams/${stream}`,
          `streams/${stream}/bootstrap`,
          `streams/${stream}/events`,
          `mentionable?streamId=${stream}`,
          `search?q=x&forStream=${stream}`,
        ]
      : ['', '/outline', '/instructions'].map((rest) => `agent-sessions/${session}${rest}`);
    if (message) paths.push(`messages/${message}`);
    for (const path of paths) {
      const reply = await client.get(path);
      assert.equal(reply.status, may ? 200 : 404, `${person}, ${name}: ${path}`);
      if (!may) assert.equal(reply.code, 'not_found');
    }
  }
});

test('lists: who may read a session finds it, in whatever order, and nobody else', async () => {
  for (const { name, person, client, may, session } of rows().filter((row) => row.session))
    for (const sort of ['started', 'tokens']) {
      const reply = await client.get(`agent-sessions?limit=500&count=true&sort=${sort}`);
      const found = reply.body.sessions?.filter(({ id }) => id === session).length ?? 0;
      assert.equal(found, may ? 1 : 0, `${person}, ${name}`);
      if (reply.status === 200) assert.equal(reply.body.total.value, reply.body.sessions.length);
    }
});

test('SSE: the same table', async () => {
  for (const { name, person, client, may, stream, session } of rows()) {
    const events = await openEvents(client, [stream ? `stream:${stream}` : `session:${session}`]);
    assert.equal(events.status, may ? 200 : 404, `${person}, ${name}`);
    if (may) await events.wait('ready');
    events.close();
  }
});

test('lists and search: the same table', async () => {
  for (const person of people) {
    const client = who[person];
    const may = Object.keys(table)
      .filter((name) => table[name][people.indexOf(person)] === '+')
      .map((name) => what[name]);
    const list = await client.get('agent-sessions');
    if (person === 'eve') {
      for (const path of ['agent-sessions', 'search?q=quetzal', `/api/workspaces/${client.workspace}`])
        (await client.get(path)).expect(404);
      continue;
    }
    const sessions = list
      .expect(200)
      .body.sessions.map(({ id }) => id)
      .sort();
    assert.deepEqual(
      sessions,
      may
        .map(({ session }) => session)
        .filter(Boolean)
        .sort(),
      person,
    );
    const hits = (await client.get('search?q=quetzal'))
      .expect(200)
      .body.hits.map(({ message: { id } }) => id)
      .sort();
    assert.deepEqual(
      hits,
      may
        .map(({ message }) => message)
        .filter(Boolean)
        .sort(),
      person,
    );
    const overview = (await client.get(`/api/workspaces/${client.workspace}`)).expect(200).body;
    const streams = new Set(overview.streams.map(({ id }) => id));
    for (const [name, { stream, message }] of Object.entries(what))
      if (stream && message) assert.equal(streams.has(stream), may.includes(what[name]), `${person}, ${name}`);
    const running = overview.sessions.map(({ id }) => id).sort();
    assert.deepEqual(running, sessions, person);
  }
});

test('writing: those who may not read may not post, edit, open a thread or mark it read', async () => {
  for (const { name, person, client, may, stream, message } of rows()) {
    if (!stream) continue;
    const post = await client.post(`streams/${stream}/messages`, { content: `from ${person}` });
    assert.equal(post.status, may ? 201 : 404, `${person}, ${name}`);
    if (!may && message) (await client.post(`messages/${message}/thread`)).expect(404);
    if (!may && !client.token) (await client.post(`streams/${stream}/read`, { seq: 1 })).expect(404);
  }
});

const SECOND = 1000;

async function watched(client, room) {
  const events = await openEvents(client, [room], { reconnect: true });
  await events.wait('ready', 20_000);
  return events;
}

// The stream says why and ends within a second, and a new request for it is refused.
async function losesWithinASecond(events, act, reason) {
  const from = events.events.length;
  await act();
  const revoked = await events.wait('revoked', SECOND, from);
  assert.ok(reason.includes(revoked.data.reason), revoked.data.reason);
  events.close();
}

test('a removed member loses the live stream within a second', async () => {
  const { stream } = what['private channel'];
  const events = await watched(who.bob, `stream:${stream}`);
  await losesWithinASecond(
    events,
    async () => (await who.ada.delete(`streams/${stream}/members`, { userId: who.bob.id })).expect(204),
    ['access'],
  );
  (await who.bob.get(`events?room=stream:${stream}`)).expect(404);
});

test('a revoked token loses its streams within a second', async () => {
  const token = await addToken(instance, instance.env.TRACE_PERSONA, ['read']);
  const events = await watched(token, `stream:${what['public channel'].stream}`);
  const revoke = () =>
    instance.psql(`BEGIN; UPDATE tokens SET revoked_at = now() WHERE id = '${token.id}';
    INSERT INTO revocations (principal) VALUES ('${token.id}'); COMMIT`);
  await losesWithinASecond(events, revoke, ['credentials', 'access']);
  (await token.get(`events?room=stream:${what['public channel'].stream}`)).expect(401);
});

test('signing out ends the streams of that sign-in only', async () => {
  const [one, other] = [await personOf(instance), await personOf(instance)];
  const room = `stream:${what['public channel'].stream}`;
  const [gone, stays] = [await watched(one, room), await watched(other, room)];
  await losesWithinASecond(gone, async () => (await one.post('/api/auth/logout')).expect(204), [
    'credentials',
    'access',
  ]);
  (await who.ada.post(`streams/${what['public channel'].stream}/messages`, { content: 'still here?' })).expect(201);
  await stays.wait('message:created');
  assert.equal(stays.connections, 1);
  stays.close();
});
