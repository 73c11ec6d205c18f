// SPDX-License-Identifier: Apache-2.0
// Putting steps: upserts by id. Ended beats open, the first value of an ended step stays, what changes nothing tells
// nobody, and each change is one number of the session's room.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, agent;
before(async () => {
  world = await World.make();
  ({ agent } = world);
});
after(() => world?.instance.stop());

const at = (session, step) => `agent-sessions/${session}${step ? `/steps/${step}` : ''}`;
const made = async (body = {}) => (await agent.post('agent-sessions', body)).expect(201).body.session;
const put = async (session, step, body, status = 200) => (await agent.put(at(session, step), body)).expect(status).body;
const shown = async (session) => (await agent.get(at(session))).expect(200).body;

// All events of the room from the beginning, which must be numbered 1 to the session's last.
async function replayed(session, above = 0) {
  const { session: now } = await shown(session);
  const room = await openEvents(agent, [`session:${session}`], { lastEventId: String(above) });
  await room.wait((event) => event.position === String(now.lastSeq) && event.type !== 'ready');
  const events = room.of().filter(({ data }) => data.seq !== undefined);
  assert.deepEqual(
    events.map(({ data }) => data.seq),
    upTo(now.lastSeq).slice(above),
  );
  room.close();
  return events;
}
const names = (events) => events.map(({ type }) => type.replace('agent_session:', ''));

test('a step is made open, changed, ended and filled; what is the same again tells nobody', async () => {
  const { id } = await made();
  const step = newId('stp');
  const first = await put(id, step, { stepType: 'tool_call', content: { tool: 'a' } }, 201);
  assert.deepEqual([first.step.status, first.step.seq, first.ignored], ['running', 2, []]);
  const again = await put(id, step, { stepType: 'tool_call', content: { tool: 'a' } });
  assert.deepEqual([again.step, again.changed, again.ignored], [first.step, [], []]);
  const renamed = await put(id, step, { name: 'one', content: { tool: 'b' } });
  assert.deepEqual([renamed.changed, renamed.step.seq], [['name', 'content'], 3]);
  const ended = await put(id, step, { completed: true, content: { tool: 'b', result: 1 } });
  assert.deepEqual([ended.step.status, ended.changed, ended.step.seq], ['completed', ['content'], 4]);
  const late = await put(id, step, { name: 'two', content: { tool: 'c' }, usage: { inputTokens: 7 } });
  assert.deepEqual([late.changed, late.ignored, late.step.name], [['usage'], ['name', 'content'], 'one']);
  assert.deepEqual((await put(id, step, { name: 'two' })).changed, []);
  assert.deepEqual(names(await replayed(id)), [
    'started',
    'step:started',
    'step:updated',
    'step:completed',
    'step:updated',
  ]);
  assert.equal((await shown(id)).session.usage.inputTokens, 7);
});

test('replay from any number has the ones above it, whatever changed their steps later', async () => {
  const { id } = await made();
  const [first, second] = [newId('stp'), newId('stp')];
  await put(id, first, { stepType: 'tool_call' }, 201);
  await put(id, second, { stepType: 'thinking', completed: true }, 201);
  await put(id, first, { completed: true });
  await put(id, second, { name: 'named later' });
  await put(id, first, { name: 'named last' });
  const all = names(await replayed(id));
  for (const above of upTo(all.length - 1)) assert.deepEqual(names(await replayed(id, above)), all.slice(above));
});

test('a whole step is one event, and a late start fills what it lacks', async () => {
  const { id } = await made();
  const step = newId('stp');
  await put(id, step, { stepType: 'thinking', content: 'done', completed: true }, 201);
  const start = { stepType: 'thinking', content: 'begun', name: 'n', startedAt: new Date().toISOString() };
  const late = await put(id, step, start);
  assert.deepEqual([late.step.status, late.changed, late.ignored], ['completed', ['name', 'startedAt'], ['content']]);
  assert.deepEqual(names(await replayed(id)), ['started', 'step:completed', 'step:updated']);
  const { session } = await shown(id);
  assert.deepEqual([session.stepCount, session.openSteps], [1, 0]);
});

test('a step has the times of its client, within bounds', async () => {
  const { id, createdAt } = await made();
  const now = Date.parse(createdAt);
  const iso = (ms) => new Date(now + ms).toISOString();
  const step = newId('stp');
  const ended = { stepType: 'tool_call', startedAt: iso(-60_000), completedAt: iso(-55_000) };
  const { step: given } = await put(id, step, ended, 201);
  assert.deepEqual([given.startedAt, given.completedAt, given.durationMs], [iso(-60_000), iso(-55_000), 5000]);
  assert.equal(given.startedUs, (now - 60_000) * 1000);
  assert.ok(Date.parse(given.receivedAt) >= now);
  assert.equal(given.timesAdjusted, undefined);
  const { step: backwards } = await put(id, newId('stp'), { ...ended, completedAt: iso(-70_000) }, 201);
  assert.equal(backwards.durationMs, 0);
  for (const startedAt of [iso(-31 * 86_400_000), iso(3_600_000)]) {
    const { step: adjusted } = await put(id, newId('stp'), { stepType: 'thinking', startedAt }, 201);
    assert.equal(adjusted.timesAdjusted, true);
    assert.ok(Math.abs(Date.parse(adjusted.startedAt) - Date.now()) < 60_000);
  }
  for (const startedAt of ['2026-02-30T00:00:00Z', '9999-99-99T00:00:00Z', 'yesterday', '2026-01-01T25:00:00Z'])
    assert.equal(
      (await agent.put(at(id, newId('stp')), { stepType: 'thinking', startedAt })).expect(400).code,
      'invalid_body',
    );
});

test('start, record, complete and batch take times too', async () => {
  const { id, createdAt } = await made();
  const iso = (s) => new Date(Date.parse(createdAt) + s * 1000).toISOString();
  const began = { stepType: 'tool_call', startedAt: iso(-30) };
  const { step } = (await agent.post(`${at(id)}/steps`, began)).expect(201).body;
  assert.equal(step.startedAt, iso(-30));
  const done = (await agent.post(`${at(id, step.id)}/complete`, { completedAt: iso(-20) })).expect(200).body.step;
  assert.deepEqual([done.completedAt, done.durationMs], [iso(-20), 10_000]);
  const whole = { ...began, completed: true, completedAt: iso(-25) };
  assert.equal((await agent.post(`${at(id)}/steps`, whole)).expect(201).body.step.durationMs, 5000);
  const lines = [
    { op: 'record', ...began, completedAt: iso(-29) },
    { op: 'start', id: newId('stp'), ...began },
  ];
  lines.push({ op: 'complete', id: lines[1].id, completedAt: iso(-28) });
  const { results } = (
    await agent.post(`${at(id)}/batch`, lines.map((line) => JSON.stringify(line)).join('\n'))
  ).expect(200).body;
  assert.deepEqual(
    results.map(({ step: one }) => one.durationMs),
    [1000, 2000, 2000],
  );
  await replayed(id);
});

test('a parent may come later, in a batch in any order, and nobody is above itself', async () => {
  const { id } = await made();
  const [a, b] = [newId('stp'), newId('stp')];
  const line = (step, more) => JSON.stringify({ op: 'put', id: step, stepType: 'group', ...more });
  const body = [
    line(a, { parentStepId: b }),
    line(b, { parentStepId: a }),
    line(newId('stp'), { parentStepId: newId('stp') }),
  ];
  const { results } = (await agent.post(`${at(id)}/batch`, body.join('\n'))).expect(200).body;
  assert.deepEqual(
    results.map(({ step, ignored }) => [step.parentStepId, ignored]),
    [
      [b, []],
      [undefined, ['parentStepId']],
      [results[2].step.parentStepId, []],
    ],
  );
  assert.equal((await agent.put(at(id, a), { parentStepId: a })).expect(200).body.ignored[0], 'parentStepId');
  (await agent.post(`${at(id)}/steps`, { stepType: 'thinking', parentStepId: newId('stp') })).expect(400);
  await replayed(id);
});

test('circles are opened, also those that close through steps of before, and the rest of the list keeps its parents', async () => {
  const { id } = await made();
  const [a, b, c, d, e] = upTo(5).map(() => newId('stp'));
  const line = (step, parentStepId) => JSON.stringify({ op: 'put', id: step, stepType: 'group', parentStepId });
  const send = async (...lines) => {
    const { results } = (await agent.post(`${at(id)}/batch`, lines.join('\n'))).expect(200).body;
    return results.map(({ step, ignored }) => [step.parentStepId, ignored.join()]);
  };
  // a waits for b, and c stands under a.
  assert.deepEqual(await send(line(c, a), line(a, b)), [
    [a, ''],
    [b, ''],
  ]);
  // b under c would stand above itself; d and e are new, and e of itself.
  assert.deepEqual(await send(line(d, b), line(b, c), line(e, e)), [
    [b, ''],
    [undefined, 'parentStepId'],
    [undefined, 'parentStepId'],
  ]);
  const [x, y, z] = upTo(3).map(() => newId('stp'));
  assert.deepEqual(await send(line(x, y), line(y, z), line(z, x), line(x, y)), [
    [y, ''],
    [z, ''],
    [undefined, 'parentStepId'],
    [y, ''],
  ]);
  await replayed(id);
});

test('new steps, steps of before and repeats in one list are numbered without a hole, and counted once', async () => {
  const { id } = await made();
  const steps = upTo(30).map(() => newId('stp'));
  const usage = { model: 'm', inputTokens: 2, costUsd: 0.5 };
  const open = (step) => ({ op: 'put', id: step, stepType: 'message_sent', usage });
  const whole = (step, more) => ({ ...open(step), completed: true, content: 'x', ...more });
  const send = async (...lines) =>
    (await agent.post(`${at(id)}/batch`, lines.map((line) => JSON.stringify(line)).join('\n'))).expect(200).body
      .results;
  await send(...steps.slice(0, 10).map(open));
  const results = await send(
    ...steps.map((step) => whole(step)),
    ...steps.slice(25).map((step) => whole(step, { name: 'n' })),
  );
  assert.deepEqual(
    results.map(({ step, changed }) => [step.id, changed.includes('name')]),
    [...steps.map((step) => [step, false]), ...steps.slice(25).map((step) => [step, true])],
  );
  const { session } = await shown(id);
  assert.deepEqual([session.stepCount, session.openSteps, session.messageCount], [30, 0, 30]);
  assert.deepEqual(session.usage, { model: 'm', inputTokens: 60, costUsd: 15 });
  const again = await send(...steps.map((step) => whole(step)));
  assert.ok(again.every(({ changed }) => changed.length === 0));
  assert.equal((await shown(id)).session.lastSeq, session.lastSeq);
  assert.equal(names(await replayed(id)).length, 1 + 10 + 30 + 5);
});

test('a batch that puts is whole or absent', async () => {
  const { id } = await made();
  const good = JSON.stringify({ op: 'put', id: newId('stp'), stepType: 'thinking', completed: true });
  const bad = JSON.stringify({ op: 'put', id: newId('stp') });
  const refused = (await agent.post(`${at(id)}/batch`, `${good}\n\n${bad}`)).expect(400);
  assert.deepEqual([refused.code, refused.body.line, refused.body.field], ['invalid_body', 3, 'stepType']);
  assert.equal((await shown(id)).session.lastSeq, 1);
  const record = JSON.stringify({ op: 'record', stepType: 'thinking', content: 'x' });
  const { results } = (await agent.post(`${at(id)}/batch`, `${good}\n${record}\n${good}`)).expect(200).body;
  assert.deepEqual(
    results.map(({ step }) => step.status),
    ['completed', 'completed', 'completed'],
  );
  assert.equal((await shown(id)).session.stepCount, 2);
});

test('what a step was given is read with the step alone, byte for byte', async () => {
  const { id } = await made();
  const step = newId('stp');
  const body = `{"stepType":"retrieval","input":{"n":12345678901234567890,"x":1.10},"output":["é",-0],"attributes":{"a":1e40},"events":[{"name":"e"}],"links":[]}`;
  const reply = await agent.put(at(id, step), body);
  assert.match(
    reply.expect(201).text,
    /"input":\{"n":12345678901234567890,"x":1\.10\},"output":\["é",-0\],"attributes":\{"a":1e40\}/,
  );
  assert.match((await agent.get(at(id, step))).expect(200).text, /"events":\[\{"name":"e"\}\],"links":\[\]/);
  const { steps } = await shown(id);
  assert.deepEqual([steps[0].inputLength, steps[0].outputLength, steps[0].input], [35, 9, undefined]);
  const [, event] = await replayed(id);
  assert.equal(event.data.step.input, undefined);
  const huge = { stepType: 'retrieval', attributes: { a: 'x'.repeat(65536) } };
  assert.equal((await agent.put(at(id, newId('stp')), huge)).expect(400).body.field, 'attributes');
});

test('events have the sizes of what a step was given, live as in a replay', async () => {
  const { id } = await made();
  const live = await openEvents(agent, [`session:${id}`]);
  await live.wait('ready');
  const step = newId('stp');
  await put(id, step, { stepType: 'tool_call', input: { secret: 'thread' } }, 201);
  await put(id, step, { output: 'out' });
  (await agent.post(`${at(id, step)}/complete`, { content: 'done' })).expect(200);
  await live.wait('agent_session:step:completed');
  live.close();
  const told = live
    .of()
    .filter(({ type }) => /step:(updated|completed)$/.test(type))
    .map(({ data }) => data.step);
  assert.equal(told.length, 2);
  for (const { input, output, inputLength, outputLength } of told)
    assert.deepEqual([input, output, inputLength, outputLength], [undefined, undefined, 19, 5]);
  const events = await replayed(id);
  assert.deepEqual(events.at(-1).data.step, told.at(-1));
});

test('usage counts once, whatever comes how often, and sums of others not at all', async () => {
  const { id } = await made();
  const step = newId('stp');
  const usage = { model: 'm', inputTokens: 5, cacheReadTokens: 3, totalTokens: 8, costUsd: 0.25 };
  await put(id, step, { stepType: 'generation', usage }, 201);
  assert.equal((await shown(id)).session.usage, undefined);
  await put(id, step, { usage: { ...usage, inputTokens: 6 }, completed: true });
  await put(id, step, { usage, completed: true });
  await put(id, newId('stp'), { stepType: 'agent', completed: true, usage: { inputTokens: 100, isSum: true } }, 201);
  const total = { model: 'm', inputTokens: 6, cacheReadTokens: 3, totalTokens: 8, costUsd: 0.25 };
  assert.deepEqual((await shown(id)).session.usage, total);
  (
    await agent.post(`${at(id)}/steps`, {
      stepType: 'generation',
      completed: true,
      usage: { cacheWriteTokens: 2, isSum: true },
    })
  ).expect(201);
  (
    await agent.post(`${at(id)}/steps`, { stepType: 'generation', completed: true, usage: { cacheWriteTokens: 4 } })
  ).expect(201);
  assert.deepEqual((await shown(id)).session.usage, { ...total, cacheWriteTokens: 4 });
});

test('complete keeps what was put of a step and does not say again, alone and in a batch', async () => {
  const { id } = await made();
  const said = {
    stepType: 'generation',
    usage: { model: 'm', inputTokens: 5, costUsd: 0.25 },
    sources: [{ type: 'web', title: 'Labyrinths', url: 'https://example.org/' }],
  };
  const [single, batched] = [newId('stp'), newId('stp')];
  await put(id, single, said, 201);
  await put(id, batched, said, 201);
  const { step } = (await agent.post(`${at(id, single)}/complete`, { content: 'whole' })).expect(200).body;
  const lines = `${JSON.stringify({ op: 'complete', id: batched, content: 'whole' })}\n`;
  const { results } = (await agent.post(`${at(id)}/batch`, lines)).expect(200).body;
  for (const one of [step, results[0].step]) {
    assert.deepEqual([one.status, one.content, one.sources.length], ['completed', 'whole', 1]);
    assert.deepEqual(one.usage, said.usage);
  }
  assert.deepEqual((await shown(id)).session.usage, { model: 'm', inputTokens: 10, costUsd: 0.5 });
  // What it does say replaces what was put, and the same again changes nothing.
  const third = newId('stp');
  await put(id, third, said, 201);
  for (let i = 0; i < 2; i++) {
    const again = (await agent.post(`${at(id, third)}/complete`, { usage: { inputTokens: 7 } })).expect(200);
    assert.deepEqual([again.body.step.status, again.body.step.usage], ['completed', { inputTokens: 7 }]);
  }
  assert.deepEqual(names(await replayed(id)).slice(-2), ['step:started', 'step:completed']);
});
