// SPDX-License-Identifier: Apache-2.0
// Ratings: one of a rater, target and name, told live, summed at the session, gone with their rater, and in no export and
// no share. And tags, which people change too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { addToken } from '../lib/people.mjs';
import { MessageWorld } from './message_world.mjs';
import { openShare } from './input_world.mjs';

let world, instance, ada, bob, agent, stream, ses;

before(async () => {
  world = await MessageWorld.make();
  ({ instance, ada, bob, agent } = world);
  stream = await world.makeStream();
  ses = (await agent.post('agent-sessions', { streamId: stream.id })).expect(201).body.session.id;
});
after(() => world?.stop());

const path = () => `agent-sessions/${ses}/ratings`;
const rate = (client, body) => client.post(path(), body);
const sums = async (client = ada) => (await client.get(`agent-sessions/${ses}`)).expect(200).body.session.rating;
const list = async (client = ada, query = '') => (await client.get(path() + query)).expect(200).body.ratings;

test('a rating is made, replaced, repeated and taken back, each told once in both rooms', async () => {
  const watch = await openEvents(bob, [`stream:${stream.id}`, `session:${ses}`]);
  await watch.wait('ready');
  const { rating } = (await rate(ada, { thumb: 'up', note: 'it found it' })).expect(201).body;
  assert.deepEqual(
    [rating.target, rating.thumb, rating.note, rating.by.name],
    [ses, 'up', 'it found it', rating.by.name],
  );
  const first = await watch.wait(
    ({ type, data }) => type === 'agent_session:updated' && data.room === `stream:${stream.id}`,
  );
  assert.deepEqual(first.data.session.rating, { up: 1, down: 0, notes: 1 });
  await watch.wait(({ type, data }) => type === 'agent_session:updated' && data.room === `session:${ses}`);
  const again = (await rate(ada, { thumb: 'up', note: 'it found it' })).expect(200).body.rating;
  assert.deepEqual(again, rating);
  const changed = (await rate(ada, { thumb: 'down' })).expect(200).body.rating;
  assert.deepEqual([changed.id, changed.thumb, changed.note], [rating.id, 'down', undefined]);
  (await rate(bob, { thumb: 'up' })).expect(201);
  assert.deepEqual(await sums(), { up: 1, down: 1, notes: 0 });
  assert.equal((await list()).length, 2);
  (await bob.delete(`${path()}/${rating.id}`)).expect(404);
  (await ada.delete(`${path()}/${rating.id}`)).expect(204);
  (await ada.delete(`${path()}/${rating.id}`)).expect(404);
  assert.deepEqual(await sums(), { up: 1, down: 0, notes: 0 });
  const last = await watch.wait(
    ({ type, data }) =>
      type === 'agent_session:updated' &&
      data.room === `stream:${stream.id}` &&
      data.session.rating?.down === 0 &&
      data.session.rating.notes === 0,
  );
  const told = watch.events.filter(
    ({ type, data }) => type === 'agent_session:updated' && data.room === `stream:${stream.id}`,
  );
  assert.equal(told.length, 4, 'what is equal tells nobody');
  assert.ok(told.includes(last));
  assert.deepEqual(watch.violations, []);
  watch.close();
});

test('steps and the messages of the agent are rated, and nothing that is elsewhere', async () => {
  const { step } = (await agent.post(`agent-sessions/${ses}/steps`, { stepType: 'thinking' })).expect(201).body;
  const said = await world.say(agent, stream.id, 'the answer', { sessionId: ses });
  const asked = await world.say(ada, stream.id, 'a question');
  for (const target of [step.id, said.id]) (await rate(ada, { target, thumb: 'up' })).expect(201);
  assert.deepEqual(
    (await list(ada, `?target=${step.id}`)).map((one) => one.target),
    [step.id],
  );
  const other = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  for (const target of [asked.id, other]) (await rate(ada, { target, thumb: 'up' })).expect(404);
  for (const [body, field] of [
    [{}, 'thumb'],
    [{ thumb: 'sideways' }, 'thumb'],
    [{ score: 1 }, 'name'],
    [{ name: 'm', score: 'high' }, 'score'],
    [{ name: 'm', score: 1.5e308 }, 'score'],
    [{ name: 'm', score: -1.1e15 }, 'score'],
    [{ target: stream.id, thumb: 'up' }, 'target'],
    [{ note: '' }, 'note'],
  ]) {
    const reply = (await rate(ada, body)).expect(400);
    assert.equal(reply.body.field, field, JSON.stringify(body));
  }
  (await ada.get(`${path()}?target=x`)).expect(400);
  (await agent.post(`agent-sessions/${other}/cancel`)).expect(200);
});

test('an evaluator scores by a token with the scope, under names whose means are told, after the end too', async () => {
  const evaluator = await addToken(instance, world.persona.id, ['read', 'scores:write']);
  assert.equal((await rate(agent, { name: 'm', score: 1 })).expect(403).body.scope, 'scores:write');
  (await agent.post(`agent-sessions/${ses}/complete`, {})).expect(200);
  const targets = [ses, (await list())[1].target];
  (await rate(evaluator, { target: targets[0], name: 'faithful', score: 0.5 })).expect(201);
  (await rate(evaluator, { target: targets[1], name: 'faithful', score: 1 })).expect(201);
  (await rate(evaluator, { name: 'length', score: -12 })).expect(201);
  assert.deepEqual((await sums()).scores, { faithful: 0.75, length: -12 });
  (await rate(evaluator, { name: 'length', score: 3e2 })).expect(200);
  assert.equal((await sums()).scores.length, 300);
  for (const target of targets) (await rate(evaluator, { target, name: 'most', score: 1e15 })).expect(201);
  assert.equal((await sums()).scores.most, 1e15);
});

test('whoever may not read the session neither rates it nor reads its ratings', async () => {
  const hidden = await world.makeStream({ private: true });
  (await ada.post(`streams/${hidden.id}/members`, { personaId: world.persona.id })).expect(201);
  const other = (await agent.post('agent-sessions', { streamId: hidden.id })).expect(201).body.session.id;
  (await ada.post(`agent-sessions/${other}/ratings`, { note: 'quetzal' })).expect(201);
  (await bob.post(`agent-sessions/${other}/ratings`, { thumb: 'up' })).expect(404);
  (await bob.get(`agent-sessions/${other}/ratings`)).expect(404);
  (await ada.patch(`agent-sessions/${other}`, { tags: ['kept'] })).expect(200);
  (await bob.patch(`agent-sessions/${other}`, { tags: ['mine'] })).expect(404);
});

test('no export and no share has ratings', async () => {
  (await rate(ada, { note: 'quetzal' })).expect(201);
  for (const format of ['json', 'ndjson', 'md', 'otlp']) {
    const { text } = (await ada.get(`agent-sessions/${ses}/export?format=${format}`)).expect(200);
    assert.doesNotMatch(text, /quetzal|"rating"|faithful/, format);
  }
  const { share, secret } = (await ada.post(`agent-sessions/${ses}/shares`, {})).expect(201).body;
  const reader = await openShare(ada, share.id, secret);
  const { text } = (await reader.get(`/api/shares/${share.id}/agent-sessions/${ses}`)).expect(200);
  assert.doesNotMatch(text, /quetzal|"rating"|faithful/);
  (await reader.get(`/api/shares/${share.id}/agent-sessions/${ses}/ratings`)).expect(404);
});

test('people who may post there change the tags, and nothing else', async () => {
  assert.deepEqual((await bob.patch(`agent-sessions/${ses}`, { tags: ['a', 'b'] })).expect(200).body.session.tags, [
    'a',
    'b',
  ]);
  assert.equal((await bob.patch(`agent-sessions/${ses}`, { title: 'x' })).expect(400).body.field, 'title');
  assert.equal((await bob.patch(`agent-sessions/${ses}`, { metadata: {} })).expect(400).body.field, 'metadata');
  assert.equal((await bob.patch(`agent-sessions/${ses}`, { tags: null })).expect(200).body.session.tags, undefined);
  const alone = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  (await bob.patch(`agent-sessions/${alone}`, { tags: ['a'] })).expect(404);
  (await ada.patch(`agent-sessions/${alone}`, { tags: ['a'] })).expect(200);
});

test('what an erased person said is gone, with their share of the sums', async () => {
  (await rate(bob, { thumb: 'down', note: 'from bob' })).expect(200, 201);
  const before = await sums();
  await instance.psql(`SELECT erase_belongings_portion('${bob.id}', 'ratings', '')`);
  const now = await sums();
  assert.equal(now.down, before.down - 1);
  assert.ok(!(await list()).some((one) => one.by.id === bob.id));
});
