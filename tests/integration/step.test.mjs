// SPDX-License-Identifier: Apache-2.0
// Steps over REST, one at a time: started, recorded whole, streamed, completed, read.
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

const at = (session, rest = '') => `agent-sessions/${session}${rest && `/${rest}`}`;
const start = (session, body) => agent.post(at(session, 'steps'), body);
const complete = (session, step, body) => agent.post(at(session, `steps/${step}/complete`), body);
const read = async (session, step) => (await agent.get(at(session, `steps/${step}`))).expect(200).body.step;
const get = async (session) => (await agent.get(at(session))).expect(200).body;
const row = async (step) => (await world.sql(`SELECT * FROM steps WHERE id = '${step}'`))[0];

test('a step starts, and is completed with its result', async () => {
  const session = await world.session();
  const id = newId('stp');
  const content = { tool: 'search', args: { q: '"é\u{1F600}"\n', n: 1.5 } };
  const { step } = (await start(session, { id, stepType: 'tool_call', name: 'Looking', content })).expect(201).body;
  assert.equal(step.stepNumber, 1);
  assert.equal(step.status, 'running');
  assert.equal(step.seq, 2);
  assert.deepEqual(step.content, content);
  assert.deepEqual(Object.keys(step), [
    'id',
    'sessionId',
    'stepNumber',
    'stepType',
    'name',
    'status',
    'content',
    'startedAt',
    'startedUs',
    'seq',
  ]);
  assert.deepEqual((await get(session)).steps, [step]);
  const sources = [
    { type: 'web', title: 'A page', url: 'https://example.org/a?b=c', snippet: 'text' },
    {
      type: 'message',
      title: 'Ada',
      messageId: ids.root,
      streamId: ids.open,
      authorName: 'Ada',
      timestamp: '2026-01-02T03:04:05Z',
    },
  ];
  const usage = { model: 'm', inputTokens: 10, outputTokens: 2, reasoningTokens: 1, costUsd: 0.0125 };
  const done = (await complete(session, id, { content: 'found', sources, usage, messageId: ids.root })).expect(200).body
    .step;
  assert.equal(done.status, 'completed');
  assert.equal(done.content, 'found');
  assert.equal(done.seq, 3);
  assert.deepEqual(done.usage, usage);
  assert.equal(done.sources[0].domain, 'example.org');
  assert.equal(done.messageId, ids.root);
  assert.equal(Date.parse(done.completedAt) - Date.parse(done.startedAt) - done.durationMs <= 1, true);
  assert.deepEqual(await read(session, id), done);
  const { session: now } = await get(session);
  assert.deepEqual(
    [now.stepCount, now.openSteps, now.sourceCount, now.currentStepType, now.lastSeq],
    [1, 0, 2, 'tool_call', 3],
  );
  assert.deepEqual(now.usage, usage);
});

test('completing without content keeps the content', async () => {
  const session = await world.session();
  const { step } = (await start(session, { stepType: 'thinking', content: 'first' })).expect(201).body;
  assert.equal((await complete(session, step.id, {})).expect(200).body.step.content, 'first');
  const other = (await start(session, { stepType: 'thinking' })).expect(201).body.step;
  const bare = (await complete(session, other.id)).expect(200).body.step;
  assert.ok(!('content' in bare));
});

test('a repeated call returns the first result and emits no event', async () => {
  const session = await world.session();
  const id = newId('stp');
  const first = (await start(session, { id, stepType: 'thinking', content: 'a' })).expect(201).body;
  assert.deepEqual((await start(session, { id, stepType: 'thinking', content: 'a' })).expect(200).body, first);
  const done = (await complete(session, id, { content: 'c' })).expect(200).body;
  assert.deepEqual((await complete(session, id, { content: 'c' })).expect(200).body, done);
  assert.deepEqual((await start(session, { id, stepType: 'thinking' })).expect(200).body, done);
  assert.deepEqual(
    (await start(session, { id, stepType: 'thinking', completed: true, content: 'c' })).expect(200).body,
    done,
  );
  assert.equal((await get(session)).session.lastSeq, 3);
  // Ids are per session: the same id in another session is another step.
  const elsewhere = await world.session();
  (await start(elsewhere, { id, stepType: 'thinking' })).expect(201);
  (await agent.post(at(session, 'complete'), {})).expect(200);
  assert.deepEqual((await start(session, { id, stepType: 'thinking' })).expect(200).body, done);
  assert.deepEqual((await complete(session, id, {})).expect(200).body, done);
});

test('a step that is recorded whole takes one number', async () => {
  const session = await world.session();
  const body = {
    stepType: 'message_sent',
    completed: true,
    content: { text: 'hi' },
    messageId: ids.root,
    usage: { inputTokens: 4 },
  };
  const { step } = (await start(session, body)).expect(201).body;
  assert.deepEqual([step.status, step.seq, step.durationMs], ['completed', 2, 0]);
  assert.deepEqual(step.content, { text: 'hi' });
  const failed = (await start(session, { ...body, error: { code: 'send_failed', message: 'no' } })).expect(201).body
    .step;
  assert.equal(failed.status, 'failed');
  assert.deepEqual(failed.error, { code: 'send_failed', message: 'no' });
  const { session: now } = await get(session);
  assert.deepEqual([now.messageCount, now.stepCount, now.openSteps, now.lastSeq], [1, 2, 0, 3]);
  assert.equal(now.usage.inputTokens, 8);
  const { last, taken } = await world.numbers(session);
  assert.deepEqual(taken, upTo(last));
});

test('messages are counted when a message_sent step completes, sources once', async () => {
  const session = await world.session();
  const sources = upTo(3).map((n) => ({ type: 'web', title: `t${n}`, url: `https://example.org/${n}` }));
  for (const part of [sources.slice(0, 2), sources, [{ ...sources[0], title: 'another title' }]]) {
    const { step } = (await start(session, { stepType: 'message_sent' })).expect(201).body;
    (await complete(session, step.id, { sources: part })).expect(200);
  }
  (await start(session, { stepType: 'web_search', completed: true, sources: [...sources, ...sources] })).expect(201);
  const { session: now } = await get(session);
  assert.deepEqual([now.messageCount, now.sourceCount], [3, 3]);
});

test('a parent is a step of the same session', async () => {
  const session = await world.session();
  const parent = (await start(session, { stepType: 'tool_call' })).expect(201).body.step.id;
  const child = (await start(session, { stepType: 'web_search', parentStepId: parent })).expect(201).body.step;
  assert.equal(child.parentStepId, parent);
  (await start(session, { stepType: 'web_search', parentStepId: parent, completed: true })).expect(201);
  const elsewhere = await world.session();
  for (const body of [{ parentStepId: newId('stp') }, { parentStepId: newId('stp'), completed: true }]) {
    const reply = (await start(session, { stepType: 'thinking', ...body })).expect(400);
    assert.equal(reply.code, 'invalid_body');
    assert.equal(reply.body.field, 'parentStepId');
  }
  (await start(elsewhere, { stepType: 'thinking', parentStepId: parent })).expect(400);
  const id = newId('stp');
  (await start(session, { id, stepType: 'thinking', parentStepId: id })).expect(400);
  assert.equal((await get(session)).session.lastSeq, 4);
});

test('long content is cut in lists at a code point, and whole where one step is read', async () => {
  const session = await world.session();
  const texts = [
    'a'.repeat(16384),
    'a'.repeat(16385),
    `${'a'.repeat(16383)}é and more`,
    '"\n\u0001\u{1F600}'.repeat(4000),
    '\u0001'.repeat(1048576),
  ];
  for (const text of texts) {
    const { step } = (await start(session, { stepType: 'thinking', completed: true, content: text })).expect(201).body;
    assert.equal(step.content, text);
    assert.equal((await read(session, step.id)).content, text);
    const listed = (await agent.get(at(session, `?after=${step.stepNumber - 1}`).replace('/?', '?'))).expect(200).body
      .steps[0];
    const bytes = Buffer.byteLength(text);
    if (bytes <= 16384) {
      assert.deepEqual(listed, step);
      continue;
    }
    assert.equal(listed.truncated, true);
    assert.equal(listed.contentLength, bytes);
    assert.ok(text.startsWith(listed.content));
    const shown = Buffer.byteLength(listed.content);
    assert.ok(shown <= 16384 && shown > 16380, `${shown} bytes are shown`);
  }
  const big = { tool: 'é'.repeat(20000) };
  const { step } = (await start(session, { stepType: 'tool_call', content: big })).expect(201).body;
  assert.deepEqual(step.content, big);
  const listed = (await get(session)).steps.at(-1);
  assert.equal(typeof listed.content, 'string');
  assert.ok(JSON.stringify(big).startsWith(listed.content));
  assert.equal(listed.contentLength, Buffer.byteLength(JSON.stringify(big)));
});

test('progress is not stored; with a checkpoint it is, and counts as a sign of life', async () => {
  const session = await world.session();
  const { step } = (await start(session, { stepType: 'thinking' })).expect(201).body;
  const send = (body) => agent.post(at(session, `steps/${step.id}/progress`), body);
  const before = (await get(session)).session;
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = '2026-01-01' WHERE id = '${session}'`);
  (await send({ content: 'so far' })).expect(202);
  (await send({ delta: ' é', offset: 6 })).expect(202);
  (await send({ delta: '', offset: 9 })).expect(202);
  assert.equal((await row(step.id)).content, null);
  assert.match(
    (await world.sql(`SELECT heartbeat_at FROM agent_sessions WHERE id = '${session}'`))[0].heartbeat_at,
    /^2026-01-01/,
  );
  const tag = (await agent.get(at(session))).headers.get('etag');
  (await send({ content: 'so far "é"', checkpoint: true })).expect(202);
  const page = await agent.get(at(session));
  assert.equal(page.body.steps[0].content, 'so far "é"');
  assert.equal(page.body.steps[0].status, 'running');
  assert.equal(page.body.session.lastSeq, before.lastSeq);
  assert.notEqual(page.headers.get('etag'), tag);
  assert.doesNotMatch(
    (await world.sql(`SELECT heartbeat_at FROM agent_sessions WHERE id = '${session}'`))[0].heartbeat_at,
    /^2026-01-01/,
  );
  assert.equal((await complete(session, step.id)).expect(200).body.step.content, 'so far "é"');
  (await send({ content: 'late', checkpoint: true })).expect(202);
  (await send({ content: 'late' })).expect(202);
  assert.equal((await read(session, step.id)).content, 'so far "é"');
  (await agent.post(at(session, `steps/${newId('stp')}/progress`), { content: 'x' })).expect(404);
  (await world.other.post(at(session, `steps/${step.id}/progress`), { content: 'x' })).expect(404);
});

test('a permission that a worker remembers ends within 5 s of the token', async () => {
  const session = await world.session();
  const { step } = (await start(session, { stepType: 'thinking' })).expect(201).body;
  const secret = `atk_${newId('tok')}`;
  await world.sql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
    VALUES ('${newId('tok')}', '${ids.ws}', '${ids.ariadne}', sha256('${secret}'), '{sessions:write}')`);
  const send = () => agent.with({ token: secret }).post(at(session, `steps/${step.id}/progress`), { content: 'x' });
  for (let i = 0; i < 8; i++) (await send()).expect(202);
  await world.sql(`UPDATE tokens SET revoked_at = now() WHERE hash = sha256('${secret}')`);
  (await agent.with({ token: secret }).post(at(session, 'steps'), { stepType: 'thinking' })).expect(401);
  // Each worker remembers by itself, so they have all forgotten when as many calls as there are workers are refused.
  let refused = 0;
  const isForgotten = async () => {
    const { status } = await send();
    refused = status === 401 ? refused + 1 : 0;
    return refused >= 8;
  };
  await until(isForgotten, 'every worker to forget the permission', 5200);
});

test('access to a step', async () => {
  await world.sql(`INSERT INTO stream_members (stream_id, member_id) VALUES ('${ids.secret}', '${ids.ariadne}')`);
  const hidden = await world.session({ streamId: ids.secret });
  const open = await world.session({ streamId: ids.open });
  const bare = await world.session();
  const table = [
    // who, in the private channel, in the public one, without a stream
    ['agent', 200, 200, 200],
    ['other', 404, 200, 404],
    ['reader', 200, 200, 200],
    ['writer', 403, 403, 403],
    ['stranger', 404, 404, 404],
    ['nobody', 401, 401, 401],
    ['ada', 200, 200, 200],
    ['bob', 404, 200, 200],
    ['eve', 404, 404, 404],
  ];
  for (const [i, session] of [hidden, open, bare].entries()) {
    const { step } = (await start(session, { stepType: 'thinking' })).expect(201).body;
    for (const [who, ...expected] of table)
      for (const path of [at(session), at(session, 'outline'), at(session, `steps/${step.id}`)])
        (await world[who].get(path)).expect(expected[i]);
    for (const [who, ...expected] of table) {
      const list = await world[who].get('agent-sessions');
      if (list.status === 200)
        assert.equal(
          list.body.sessions.some(({ id }) => id === session),
          expected[i] === 200,
          `${who} ${i}`,
        );
    }
    (await agent.get(at(session, `steps/${newId('stp')}`))).expect(404);
  }
});
