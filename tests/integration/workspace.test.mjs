// SPDX-License-Identifier: Apache-2.0
// The overview of a workspace, and who can be mentioned.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { reportIfSlow } from '../lib/patience.mjs';
import { addPerson, addPersona, addToken, addWorkspace } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, ada, bob, agent, persona;

before(async () => {
  instance = await start();
  ada = await personOf(instance);
  bob = await addPerson(instance, 'Bob');
  agent = agentOf(instance);
  persona = instance.env.TRACE_PERSONA;
});
after(() => instance?.stop());

const overview = async (who) => (await who.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(200).body;
const mentionable = async (who, query) => (await who.get(`mentionable?${query}`)).expect(200).body.mentionable;

test('it shows members, personas, the readable streams, and running sessions', async () => {
  const hidden = (await ada.post('streams', { type: 'channel', name: 'hidden', private: true })).expect(201).body
    .stream;
  const asked = (await ada.post(`streams/${hidden.id}/messages`, { content: 'hello' })).expect(201).body.message;
  const thread = (await ada.post(`messages/${asked.id}/thread`)).expect(201).body.stream;
  const session = (await agent.post('agent-sessions', { streamId: instance.env.TRACE_STREAM })).expect(201).body
    .session;
  const mine = await overview(ada);
  assert.deepEqual(Object.keys(mine).sort(), ['members', 'personas', 'sessions', 'streams', 'workspace']);
  assert.equal(mine.workspace.id, instance.env.TRACE_WORKSPACE);
  assert.ok(mine.members.some(({ id }) => id === bob.id));
  assert.ok(mine.streams.some(({ id }) => id === hidden.id));
  assert.ok(!mine.streams.some(({ id }) => id === thread.id), 'threads belong to their streams');
  assert.deepEqual(
    mine.sessions.map(({ id }) => id),
    [session.id],
  );
  assert.equal(mine.streams.find(({ id }) => id === instance.env.TRACE_STREAM).running, 1);
  const theirs = await overview(bob);
  assert.ok(!theirs.streams.some(({ id }) => id === hidden.id));
  const programs = await overview(agent);
  assert.equal(programs.workspace.role, 'persona');
  assert.ok(!programs.streams.some(({ id }) => id === hidden.id));
});

test('a persona is connected while its room has a subscriber', async () => {
  const state = async () => (await overview(ada)).personas.find(({ id }) => id === persona).connected;
  assert.equal(await state(), false);
  const events = await openEvents(agent, [`persona:${persona}`]);
  await events.wait('ready');
  assert.equal(await state(), true);
  assert.equal((await mentionable(bob, 'q=')).find(({ id }) => id === persona).connected, true);
  events.close();
});

test('without the pusher the overview lacks nothing but who is connected', async () => {
  instance.kill('trace-pusher', 'SIGSTOP');
  try {
    const begin = performance.now();
    const { personas } = await overview(ada);
    reportIfSlow('an overview without the pusher', performance.now() - begin, 1000);
    assert.equal(personas.find(({ id }) => id === persona).connected, false);
  } finally {
    instance.kill('trace-pusher', 'SIGCONT');
  }
});

test('who can be mentioned: by prefix of slug or a word of the name, twenty at most', async () => {
  await addPersona(instance, 'Hermes');
  for (let i = 0; i < 25; i++) await addPerson(instance, `Zoe${i}`);
  assert.equal((await mentionable(ada, 'q=zoe')).length, 20);
  assert.deepEqual(
    (await mentionable(ada, 'q=HER')).map(({ type, slug }) => [type, slug]),
    [['persona', 'hermes']],
  );
  assert.deepEqual(await mentionable(ada, 'q=zoe%25'), []);
  assert.equal((await mentionable(ada, '')).length, 20);
  const hidden = (await ada.post('streams', { type: 'channel', name: 'inner circle', private: true })).expect(201).body
    .stream;
  assert.deepEqual(await mentionable(ada, `q=zoe&streamId=${hidden.id}`), []);
  assert.equal((await mentionable(ada, `q=her&streamId=${hidden.id}`)).length, 1);
  (await bob.get(`mentionable?streamId=${hidden.id}`)).expect(404);
  for (const long of ['x', 'é', '🙂']) assert.deepEqual(await mentionable(ada, `q=${long.repeat(500)}`), []);
  for (const bad of [`q=${'x'.repeat(501)}`, `q=${'é'.repeat(501)}`, 'streamId=str_1', 'q=%ff'])
    assert.equal((await ada.get(`mentionable?${bad}`)).expect(400).code, 'invalid_query');
});

test('another workspace does not exist for strangers', async () => {
  const other = await addWorkspace(instance, 'other');
  const eve = await addPerson(instance, 'Eve', { workspace: other });
  const daedalus = await addPersona(instance, 'Daedalus', { workspace: other });
  const program = await addToken(instance, daedalus.id, ['read'], { workspace: other });
  for (const who of [eve, program]) {
    (await who.get(`/api/workspaces/${other}`)).expect(200);
    (await who.get(`/api/workspaces/${instance.env.TRACE_WORKSPACE}`)).expect(404);
  }
  for (const who of [ada, agent]) {
    (await who.get(`/api/workspaces/${other}`)).expect(404);
    (await who.get(`/api/workspaces/${newId('ws')}`)).expect(404);
    (await who.get('/api/workspaces/ws_1')).expect(404);
  }
});
