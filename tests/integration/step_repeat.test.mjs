// SPDX-License-Identifier: Apache-2.0
// A repeat of a write says the same, and is answered as then; one that says something else is refused, alone and in a
// batch, so that nothing is lost without a word.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';

let world, agent, session;
before(async () => {
  world = await World.make();
  ({ agent } = world);
  session = await world.session();
});
after(() => world?.instance.stop());

const steps = (rest = '') => `agent-sessions/${session}/steps${rest}`;
const batch = (...lines) =>
  agent.post(`agent-sessions/${session}/batch`, lines.map((line) => JSON.stringify(line)).join('\n'));
const shown = async (id) => (await agent.get(steps(`/${id}`))).expect(200).body.step;
const lastSeq = async () => (await agent.get(`agent-sessions/${session}`)).expect(200).body.session.lastSeq;
const conflict = (reply, fields) => {
  assert.equal(reply.expect(409).code, 'id_conflict');
  assert.deepEqual(reply.body.fields, fields);
};
const startedAt = new Date(Date.now() - 5_000).toISOString();
const completedAt = new Date().toISOString();
const begun = () => ({ id: newId('stp'), stepType: 'tool_call', name: 'loom', content: { tool: 'loom' }, startedAt });
const ended = {
  content: { tool: 'loom', result: '1.10' },
  usage: { inputTokens: 3, costUsd: 0.25 },
  sources: [{ type: 'web', title: 'Weaving', url: 'https://weaving.example/' }],
  error: { code: 'torn', message: 'the thread' },
  completedAt,
};

test('the same start, completion and whole again are 200, whatever the order of their members, and tell nobody', async () => {
  const start = begun();
  const whole = { ...begun(), ...ended, completed: true };
  (await agent.post(steps(), start)).expect(201);
  (await agent.post(steps(`/${start.id}/complete`), ended)).expect(200);
  (await agent.post(steps(), whole)).expect(201);
  const before = await lastSeq();
  const turned = (body) => Object.fromEntries(Object.entries(body).reverse());
  for (const form of [(body) => body, turned]) {
    (await agent.post(steps(), form(start))).expect(200);
    (await agent.post(steps(`/${start.id}/complete`), form(ended))).expect(200);
    (await agent.post(steps(), form(whole))).expect(200);
    (
      await batch(
        form({ op: 'start', ...start }),
        form({ op: 'complete', id: start.id, ...ended }),
        form({ op: 'record', ...whole }),
      )
    ).expect(200);
  }
  // Less than was said is nothing new either.
  (await agent.post(steps(`/${start.id}/complete`), {})).expect(200);
  (await agent.post(steps(), { id: start.id, stepType: 'tool_call' })).expect(200);
  assert.equal(await lastSeq(), before);
});

test('another start, completion or whole with that id is 409 and names the fields', async () => {
  const start = begun();
  const path = steps(`/${start.id}/complete`);
  (await agent.post(steps(), start)).expect(201);
  conflict(await agent.post(steps(), { ...start, stepType: 'thinking', name: 'other' }), ['stepType', 'name']);
  conflict(await agent.post(steps(), { ...start, content: { tool: 'shuttle' } }), ['content']);
  conflict(await agent.post(steps(), { ...start, startedAt: completedAt }), ['startedAt']);
  (await agent.post(path, ended)).expect(200);
  const before = await lastSeq();
  conflict(await agent.post(path, { ...ended, content: 'other' }), ['content']);
  conflict(await agent.post(path, { ...ended, usage: { inputTokens: 4 }, error: { message: 'x' } }), [
    'usage',
    'error',
  ]);
  conflict(await agent.post(path, { ...ended, messageId: newId('msg') }), ['messageId']);
  conflict(await agent.post(steps(), { ...start, ...ended, completed: true, name: 'x', content: 'y' }), [
    'name',
    'content',
  ]);
  assert.equal(await lastSeq(), before);
  assert.deepEqual((await shown(start.id)).content, ended.content);
});

test('a write that quotes a message is repeated by the same words, also after the message is gone', async () => {
  const { open, ada } = world.ids;
  const message = await world.post(open, ada, 'the thread is red');
  const content = { messages: [{ messageId: message, authorName: 'Ada', text: 'the thread is red' }] };
  const sources = [{ type: 'message', title: 'Ada', messageId: message, snippet: 'red' }];
  const start = { ...begun(), stepType: 'context_received', content };
  const whole = { ...begun(), stepType: 'context_received', content, sources, completed: true };
  const again = async () => {
    (await agent.post(steps(), start)).expect(200);
    (await agent.post(steps(), whole)).expect(200);
    (await batch({ op: 'start', ...start }, { op: 'record', ...whole })).expect(200);
  };
  (await agent.post(steps(), start)).expect(201);
  (await agent.post(steps(), whole)).expect(201);
  const before = await lastSeq();
  await again();
  assert.equal(await lastSeq(), before);
  await world.sql(`UPDATE messages SET content = '', deleted_at = now() WHERE id = '${message}';
    UPDATE quoted_texts SET text = NULL, forgotten_at = now() WHERE message_id = '${message}'`);
  await again();
});

test('a write that was filled or changed by a put since is still repeated by the same words', async () => {
  const [start, lined] = [begun(), begun()];
  (await agent.post(steps(), start)).expect(201);
  (await batch({ op: 'start', ...lined })).expect(200);
  for (const { id } of [start, lined])
    (await agent.put(steps(`/${id}`), { name: 'shuttle', content: 'other' })).expect(200);
  const before = await lastSeq();
  (await agent.post(steps(), lined)).expect(200);
  (await batch({ op: 'start', ...start })).expect(200);
  conflict(await agent.post(steps(), { ...start, name: 'third' }), ['name']);
  assert.equal(await lastSeq(), before);
  // Its end completes it, and is a repeat from then on.
  const whole = { ...start, ...ended };
  (await agent.post(steps(), { ...whole, completed: true })).expect(200);
  (await agent.put(steps(`/${start.id}`), { messageId: newId('msg') })).expect(200);
  const after = await lastSeq();
  (await agent.post(steps(), { ...whole, completed: true })).expect(200);
  (await batch({ op: 'record', ...whole })).expect(200);
  assert.equal(await lastSeq(), after);
});

test('a whole step after its start completes it, alone and in a batch', async () => {
  for (const send of [
    (body) => agent.post(steps(), { ...body, completed: true }),
    (body) => batch({ op: 'record', ...body }, { op: 'start', id: newId('stp'), stepType: 'thinking' }),
  ]) {
    const start = begun();
    (await agent.post(steps(), start)).expect(201);
    (await send({ ...start, ...ended })).expect(200);
    const step = await shown(start.id);
    assert.deepEqual([step.status, step.content, step.error.code], ['failed', ended.content, 'torn']);
    assert.equal(step.durationMs, Date.parse(completedAt) - Date.parse(startedAt));
    (await send({ ...start, ...ended })).expect(200);
  }
  const numbers = await world.numbers(session);
  assert.deepEqual(numbers.taken, upTo(numbers.last));
});

test('a batch with a line that says something else changes nothing, and names line and fields', async () => {
  const [first, other] = [begun(), begun()];
  (await agent.post(steps(), first)).expect(201);
  const before = await lastSeq();
  const reply = await batch({ op: 'start', ...other }, { op: 'start', ...first, name: 'changed' });
  conflict(reply, ['name']);
  assert.equal(reply.body.line, 2);
  assert.equal(await lastSeq(), before);
  (await agent.get(steps(`/${other.id}`))).expect(404);
});

test('in one batch a whole step ends what an earlier line starts', async () => {
  const same = begun();
  const whole = { ...same, ...ended };
  const lines = [
    { op: 'start', ...same },
    { op: 'record', ...whole },
  ];
  const { results } = (await batch(...lines)).expect(200).body;
  assert.deepEqual(
    results.map(({ step }) => [step.id, step.status]),
    [
      [same.id, 'failed'],
      [same.id, 'failed'],
    ],
  );
  const step = await shown(same.id);
  assert.deepEqual(
    [step.content, step.usage, step.sources.length, step.error, step.completedAt],
    [ended.content, ended.usage, 1, ended.error, completedAt],
  );
  const before = await lastSeq();
  (await batch(...lines)).expect(200);
  (await batch({ op: 'record', ...whole })).expect(200);
  conflict(await batch({ op: 'record', ...whole, content: 'other' }), ['content']);
  assert.equal(await lastSeq(), before);
  // What it says otherwise of the beginning counts, as alone.
  const other = begun();
  const otherwise = { ...other, ...ended, stepType: 'thinking', name: 'shuttle', input: { thread: 'red' } };
  (await batch({ op: 'start', ...other }, { op: 'record', ...otherwise })).expect(200);
  const now = await shown(other.id);
  assert.deepEqual(
    [now.stepType, now.name, now.input, now.status],
    ['thinking', 'shuttle', { thread: 'red' }, 'failed'],
  );
  assert.deepEqual(now.usage, ended.usage);
  const numbers = await world.numbers(session);
  assert.deepEqual(numbers.taken, upTo(numbers.last));
});

test('a line that says something else of a step of its own batch is a conflict, and the same again is none', async () => {
  const step = begun();
  const start = { op: 'start', ...step };
  const end = { op: 'complete', id: step.id, ...ended };
  const whole = { op: 'record', ...step, ...ended };
  const before = await lastSeq();
  for (const [lines, fields] of [
    [
      [start, { ...start, name: 'other', content: 'x' }],
      ['name', 'content'],
    ],
    [[start, { ...start, input: 1 }], ['input']],
    [[start, end, { ...start, stepType: 'thinking' }], ['stepType']],
    [
      [start, end, { ...end, usage: { inputTokens: 4 }, completedAt: startedAt }],
      ['usage', 'completedAt'],
    ],
    [
      [start, end, { ...whole, sources: [], parentStepId: newId('stp') }],
      ['parentStepId', 'sources'],
    ],
    [
      [whole, { ...start, startedAt: completedAt }],
      ['content', 'startedAt'],
    ],
    [[whole, { ...end, messageId: newId('msg') }], ['messageId']],
    [
      [whole, { ...whole, output: 2, error: { message: 'x' } }],
      ['error', 'output'],
    ],
    [[start, whole, { ...end, content: 'x' }], ['content']],
  ]) {
    const reply = await batch(...lines);
    conflict(reply, fields);
    assert.equal(reply.body.line, lines.length);
    (await agent.get(steps(`/${step.id}`))).expect(404);
  }
  assert.equal(await lastSeq(), before);
  (await batch(start, start, end, end, start, whole, { op: 'complete', id: step.id })).expect(200);
  assert.equal(await lastSeq(), before + 2);
  const another = newId('stp');
  (await batch({ ...whole, id: another }, { ...whole, id: another }, { ...end, id: another })).expect(200);
  assert.equal(await lastSeq(), before + 3);
});

test('a line that puts is known however its word is printed', async () => {
  const step = begun();
  (await agent.post(steps(), step)).expect(201);
  const body = JSON.stringify({ id: step.id, name: 'shuttle' }).slice(1);
  for (const op of ['"op":"p\\u0075t"', '"\\u006fp":"\\u0070ut"'])
    (await agent.post(`agent-sessions/${session}/batch`, `{${op},${body}`)).expect(200);
  assert.equal((await shown(step.id)).name, 'shuttle');
});

test('the same holds after the session has ended: a repeat is 200, another write 409', async () => {
  const start = begun();
  (await agent.post(steps(), start)).expect(201);
  (await agent.post(steps(`/${start.id}/complete`), ended)).expect(200);
  (await agent.post(`agent-sessions/${session}/complete`, {})).expect(200);
  (await agent.post(steps(), start)).expect(200);
  (await agent.post(steps(`/${start.id}/complete`), ended)).expect(200);
  conflict(await agent.post(steps(`/${start.id}/complete`), { ...ended, content: 'other' }), ['content']);
});
