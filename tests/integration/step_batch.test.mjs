// SPDX-License-Identifier: Apache-2.0
// Batches: all or nothing, numbered in the order of the lines, repeatable.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';
import { until } from '../lib/patience.mjs';

let world, ids, agent;

before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const send = (session, lines, client = agent) =>
  client.post(
    `agent-sessions/${session}/batch`,
    Array.isArray(lines) ? lines.map((line) => JSON.stringify(line)).join('\n') : lines,
  );
const get = async (session) => (await agent.get(`agent-sessions/${session}`)).expect(200).body;

async function noHole(session) {
  const { last, taken } = await world.numbers(session);
  assert.deepEqual(taken, upTo(last));
  return last;
}

test('start, complete and record in one batch, with parents of the same batch', async () => {
  const session = await world.session({ streamId: ids.open });
  const open = (
    await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking', content: 'as it began' })
  ).expect(201).body.step;
  const [a, b, c] = upTo(3).map(() => newId('stp'));
  const source = { type: 'web', title: 'a "quoted" \\ title', url: 'https://example.org/' };
  const { results } = (
    await send(session, [
      { op: 'start', id: a, stepType: 'tool_call', content: { tool: 't' } },
      {
        op: 'record',
        id: b,
        stepType: 'message_sent',
        parentStepId: a,
        content: 'sent',
        sources: [source],
        usage: { model: 'm', inputTokens: 2, costUsd: 0.5 },
      },
      { op: 'complete', id: open.id, usage: { outputTokens: 3 } },
      { op: 'complete', id: a, error: { message: 'failed' } },
      { op: 'start', id: c, stepType: 'thinking', parentStepId: open.id },
      { op: 'record', stepType: 'web_search', sources: [source] },
    ])
  ).expect(200).body;
  assert.deepEqual(
    results.map(({ step }) => [step.stepNumber, step.status, step.seq]),
    [
      [2, 'failed', 6],
      [3, 'completed', 4],
      [1, 'completed', 5],
      [2, 'failed', 6],
      [4, 'running', 7],
      [5, 'completed', 8],
    ],
  );
  assert.equal(results[2].step.content, 'as it began');
  assert.deepEqual(results[3].step.content, { tool: 't' });
  assert.deepEqual(results[1].step.sources, [{ ...source, domain: 'example.org' }]);
  const { session: now, steps } = await get(session);
  assert.deepEqual(
    [now.stepCount, now.openSteps, now.messageCount, now.sourceCount, now.lastSeq, now.currentStepType],
    [5, 1, 1, 1, 8, 'web_search'],
  );
  assert.deepEqual(now.usage, { model: 'm', inputTokens: 2, outputTokens: 3, costUsd: 0.5 });
  assert.deepEqual(steps[1], results[0].step);
  assert.equal(await noHole(session), 8);
  (await agent.post(`agent-sessions/${session}/complete`, {})).expect(200);
});

test('the same batch again changes nothing', async () => {
  const session = await world.session();
  const lines = upTo(50).map((n) => ({
    op: n % 3 ? 'record' : 'start',
    id: newId('stp'),
    stepType: 'tool_call',
    content: { n },
  }));
  lines.push({ op: 'complete', id: lines[2].id, content: 'done' });
  const first = (await send(session, lines)).expect(200).body;
  assert.deepEqual((await send(session, lines)).expect(200).body, first);
  const last = await noHole(session);
  assert.equal(last, 1 + 51);
  // New lines are written, repeated ones are only answered.
  const more = { op: 'record', id: newId('stp'), stepType: 'thinking' };
  const { results } = (await send(session, [lines[0], more, lines[0], more])).expect(200).body;
  assert.deepEqual(results[0], first.results[0]);
  assert.deepEqual(results[1], results[3]);
  assert.equal(results[1].step.seq, last + 1);
  (await agent.post(`agent-sessions/${session}/cancel`)).expect(200);
  (await send(session, lines)).expect(200);
  const late = (await send(session, [lines[0], { op: 'record', stepType: 'thinking' }])).expect(409);
  assert.equal(late.code, 'session_ended');
  assert.equal(late.body.sessionStatus, 'cancelled');
});

test('one bad line makes the whole batch fail; the reply names it', async () => {
  const session = await world.session();
  const good = () => ({ op: 'record', id: newId('stp'), stepType: 'thinking', content: 'good' });
  const known = newId('stp');
  const bad = [
    { op: 'record' },
    { op: 'record', stepType: 'Bad' },
    { stepType: 'thinking' },
    { op: 'end', id: known },
    { op: 'complete' },
    { op: 'complete', id: newId('stp') },
    { op: 'complete', id: 'x' },
    { op: 'start', stepType: 'thinking', parentStepId: newId('stp') },
    { op: 'record', stepType: 'thinking', content: 5 },
    { op: 'record', stepType: 'thinking', sources: [{ type: 'web', title: 'x', url: 'javascript:1' }] },
    { op: 'record', stepType: 'thinking', usage: { inputTokens: -1 } },
    { op: 'record', stepType: 'thinking', content: 'x'.repeat(1048577) },
  ].map((line) => JSON.stringify(line));
  bad.push(
    '{',
    '[]',
    '"x"',
    '{"op":"record","stepType":"thinking","op":"start"}',
    '{"op":"record","stepType":"thinking","content":"\\u0000"}',
  );
  for (const line of bad) {
    const reply = (
      await send(
        session,
        [good(), '']
          .map((one) => one && JSON.stringify(one))
          .concat(line, JSON.stringify(good()))
          .join('\n'),
      )
    ).expect(400);
    assert.equal(reply.code, 'invalid_body', line.slice(0, 100));
    assert.equal(reply.body.line, 3, line.slice(0, 100));
  }
  const invalid = Buffer.concat([
    Buffer.from('{"op":"record","stepType":"thinking","content":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  assert.equal((await send(session, invalid)).expect(400).body.line, 1);
  for (const empty of [undefined, '', '\n \n']) (await send(session, empty)).expect(400);
  // A step cannot be completed before the line that starts it, nor have a parent that comes later.
  const id = newId('stp');
  assert.equal(
    (
      await send(session, [
        { op: 'complete', id },
        { op: 'record', id, stepType: 'thinking' },
      ])
    ).expect(400).body.line,
    2,
  );
  assert.equal(
    (
      await send(session, [
        { op: 'complete', id },
        { op: 'start', id, stepType: 'thinking' },
      ])
    ).expect(400).body.line,
    1,
  );
  const child = { op: 'record', stepType: 'thinking', parentStepId: id };
  assert.equal((await send(session, [child, { op: 'record', id, stepType: 'thinking' }])).expect(400).body.line, 1);
  const { session: now, steps } = await get(session);
  assert.deepEqual([now.lastSeq, steps.length, now.stepCount], [1, 0, 0]);
});

test('who may send a batch', async () => {
  const session = await world.session();
  const lines = [{ op: 'record', stepType: 'thinking' }];
  for (const [client, status] of [
    ['nobody', 401],
    ['ada', 401],
    ['reader', 403],
    ['other', 404],
    ['stranger', 404],
  ])
    (await send(session, lines, world[client])).expect(status);
  (await send(newId('ses'), lines)).expect(404);
  assert.equal(await noHole(session), 1);
});

test('thousands of lines, and more than are allowed', async () => {
  const session = await world.session();
  const lines = (n) =>
    upTo(n)
      .map((i) => `{"op":"record","stepType":"tool_call","content":{"tool":"t","args":{"i":${i}}}}`)
      .join('\n');
  const { results } = (await send(session, lines(5000))).expect(200).body;
  assert.deepEqual(
    results.map(({ step }) => step.stepNumber),
    upTo(5000),
  );
  const started = results.map(({ step }) => Date.parse(step.startedAt));
  assert.deepEqual(
    started,
    [...started].sort((a, b) => a - b),
    'none starts before the one before it',
  );
  assert.equal(await noHole(session), 5001);
  assert.equal((await send(session, lines(20001))).expect(400).code, 'invalid_body');
  (await send(session, 'x'.repeat((16 << 20) + 1))).expect(413);
});

test('concurrent batches, single steps and an ending leave no hole', async () => {
  const session = await world.session();
  const writers = upTo(12).map(async (n) => {
    for (let i = 0; i < 15; i++) {
      const id = newId('stp');
      const lines = [
        { op: 'start', id, stepType: 'thinking' },
        { op: 'record', stepType: 'tool_call' },
        { op: 'complete', id },
      ];
      const reply =
        n % 2
          ? await send(session, lines)
          : await agent.post(`agent-sessions/${session}/steps`, { stepType: 'thinking' });
      if (reply.status === 409) return;
      assert.ok([200, 201].includes(reply.status), reply.text);
    }
  });
  const isUnderWay = async () => (await get(session)).session.stepCount >= 40;
  const end = until(isUnderWay, 'some steps').then(() => agent.post(`agent-sessions/${session}/complete`, {}));
  await Promise.all([...writers, end]);
  (await end).expect(200);
  await noHole(session);
  const { session: now } = await get(session);
  const [{ steps, open }] = await world.sql(
    `SELECT count(*) AS steps, count(*) FILTER (WHERE end_seq IS NULL) AS open FROM steps WHERE session_id = '${session}'`,
  );
  assert.deepEqual([now.stepCount, now.openSteps, now.status], [steps, open, 'completed']);
});

test('a long session that the statistics have not seen is as quick as others', async () => {
  const lines = (n) =>
    upTo(n)
      .map(() => JSON.stringify({ op: 'record', id: newId('stp'), stepType: 'thinking', content: 'x' }))
      .join('\n');
  (await send(await world.session(), lines(500))).expect(200);
  await world.sql('ANALYZE steps');
  const session = await world.session();
  const all = lines(10000);
  const timed = async () => {
    const began = performance.now();
    const { text } = (await send(session, all)).expect(200);
    return { text, ms: performance.now() - began };
  };
  const first = await timed();
  const unseen = await timed();
  assert.equal(unseen.text, first.text);
  await world.sql('ANALYZE steps');
  const seen = await timed();
  // A plan made for few rows reads all steps of the session for each line, which takes some hundred times as long.
  assert.ok(Math.max(first.ms, unseen.ms) < 30 * seen.ms, `${first.ms}, ${unseen.ms} and then ${seen.ms} ms`);
  assert.equal((await agent.get(`agent-sessions/${session}/outline`)).expect(200).body.steps.length, 10000);
});
