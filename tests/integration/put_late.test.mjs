// SPDX-License-Identifier: Apache-2.0
// Steps that come after their session's end, and steps that several write at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEvents } from '../lib/sse.mjs';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;
before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, step) => `agent-sessions/${session}${step ? `/steps/${step}` : ''}`;
const shown = async (session) => (await agent.get(at(session))).expect(200).body.session;
const put = (session, body, step = newId('stp')) => agent.put(at(session, step), body);
const whole = { stepType: 'thinking', content: 'late', completed: true };

// As the sweeper ends it.
const end = (session, changes = {}) => {
  const row = {
    status: "'failed'",
    error_code: "'heartbeat_lost'",
    completed_at: 'now()',
    ended_by_type: "'system'",
    ...changes,
  };
  const list = Object.entries(row).map(([column, value]) => `${column} = ${value}`);
  return world.sql(`WITH s AS (UPDATE agent_sessions x SET last_seq = last_seq + 1, error_message = 'x', ${list}
      WHERE id = '${session}' RETURNING x AS s)
    INSERT INTO session_events (session_id, seq, type, session) SELECT (s).id, (s).last_seq, 'agent_session:failed', session_core_json(s) FROM s`);
};

async function replayed(session) {
  const { lastSeq } = await shown(session);
  const room = await openEvents(agent, [`session:${session}`], { lastEventId: '0' });
  await room.wait((event) => event.position === String(lastSeq) && event.type !== 'ready');
  room.close();
  const events = room.of().filter(({ data }) => data.seq !== undefined);
  assert.deepEqual(
    events.map(({ data }) => data.seq),
    upTo(lastSeq),
  );
  return events.map(({ type }) => type.replace('agent_session:', ''));
}

test('a session that the server ended for its silence runs again, and its stream is told', async () => {
  const stream = ids.open;
  const id = await world.session({ streamId: stream });
  const reader = await openEvents(world.ada, [`session:${id}`, `stream:${stream}`]);
  await reader.wait('ready');
  await end(id);
  const { step } = (await put(id, whole)).expect(201).body;
  assert.equal(step.status, 'completed');
  const updated = await reader.wait(
    ({ type, data }) => type === 'agent_session:updated' && data.room === `stream:${stream}`,
  );
  assert.equal(updated.data.session.status, 'running');
  await reader.wait(({ type, data }) => type === 'agent_session:step:completed' && data.step.id === step.id);
  reader.close();
  const session = await shown(id);
  assert.deepEqual(
    [session.status, session.error, session.endedBy, session.completedAt],
    ['running', undefined, undefined, undefined],
  );
  assert.deepEqual(await replayed(id), ['started', 'failed', 'updated', 'step:completed']);
  (await agent.post(`${at(id)}/steps`, { stepType: 'thinking' })).expect(201);
  (await agent.post(`${at(id)}/complete`, {})).expect(200);
});

test('it does not run again if another goes on in its place, or long after; the step is taken where it belongs', async () => {
  const stream = ids.open;
  const first = await world.session({ streamId: stream });
  await end(first);
  const second = await world.session({ streamId: stream });
  (await put(first, whole)).expect(201);
  assert.equal((await shown(first)).status, 'failed');
  assert.deepEqual(await replayed(first), ['started', 'failed', 'step:completed']);
  (await agent.post(`${at(second)}/complete`, {})).expect(200);

  const retried = await world.session();
  await end(retried);
  (await agent.post(`${at(retried)}/retry`)).expect(201);
  (await put(retried, whole)).expect(201);
  assert.equal((await shown(retried)).status, 'failed');

  const old = await world.session();
  await end(old, { completed_at: "now() - interval '25 hours'" });
  assert.equal((await put(old, whole)).expect(409).code, 'session_ended');
});

test('a session that its agent ended takes what began before or just after, and stays ended', async () => {
  const id = await world.session();
  const open = newId('stp');
  (await put(id, { stepType: 'tool_call' }, open)).expect(201);
  (await agent.post(`${at(id)}/complete`, {})).expect(200);
  const { completedAt } = await shown(id);
  (await put(id, { completed: true }, open)).expect(200);
  (await put(id, whole)).expect(201);
  (await put(id, { name: 'filled' }, open)).expect(200);
  await world.sql(`UPDATE agent_sessions SET completed_at = completed_at - interval '10 minutes' WHERE id = '${id}'`);
  assert.equal((await put(id, whole)).expect(409).code, 'session_ended');
  const startedAt = new Date(Date.parse(completedAt) - 590_000).toISOString();
  (await put(id, { ...whole, startedAt })).expect(201);
  const session = await shown(id);
  assert.deepEqual([session.status, session.stepCount, session.openSteps], ['completed', 3, 0]);
  await replayed(id);
});

test('a pruned or pending session takes no step', async () => {
  const id = await world.session();
  (await agent.post(`${at(id)}/fail`, { error: { code: 'x', message: 'y' } })).expect(200);
  await world.sql(`UPDATE agent_sessions SET pruned_at = now() WHERE id = '${id}'`);
  assert.equal((await put(id, whole)).expect(409).code, 'session_pruned');
  assert.equal((await put(await world.pending(), whole)).expect(409).code, 'session_pending');
  (await world.other.put(at(id, newId('stp')), whole)).expect(404);
  (await world.reader.put(at(id, newId('stp')), whole)).expect(403);
  (await world.nobody.put(at(id, newId('stp')), whole)).expect(401);
});

test('32 clients start, end and fill one step at once: one number a change, usage once', async () => {
  const id = await world.session();
  for (let round = 0; round < 8; round++) {
    const step = newId('stp');
    const usage = { inputTokens: 1, costUsd: 0.5 };
    const writes = [
      () => agent.post(`${at(id)}/steps`, { id: step, stepType: 'message_sent', content: 'x' }),
      () => put(id, { stepType: 'message_sent', completed: true, usage, content: 'x' }, step),
      () => put(id, { stepType: 'message_sent', name: 'n', usage }, step),
      () => agent.post(`${at(id)}/steps/${step}/complete`, { usage }),
    ];
    const replies = await Promise.all(upTo(32).map((n) => writes[n % 4]()));
    // A start with content finds the step without: it is refused, not lost without a word.
    for (const reply of replies)
      assert.ok([200, 201, 404].includes(reply.status) || reply.code === 'id_conflict', reply.text);
    (await put(id, { stepType: 'message_sent', completed: true, usage, name: 'n' }, step)).expect(200);
  }
  const session = await shown(id);
  assert.deepEqual(
    [session.stepCount, session.openSteps, session.messageCount, session.usage.inputTokens, session.usage.costUsd],
    [8, 0, 8, 8, 4],
  );
  assert.deepEqual(await world.numbers(id), { last: session.lastSeq, taken: upTo(session.lastSeq) });
  await replayed(id);
});

test('after random puts the room replays without a hole, and again tells nobody', async () => {
  const id = await world.session();
  const steps = upTo(6).map(() => newId('stp'));
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  const random = () => ({
    stepType: pick(['thinking', 'tool_call', 'agent']),
    ...(Math.random() < 0.4 && { name: pick(['a', 'b']) }),
    ...(Math.random() < 0.4 && { content: pick(['x', 'y']) }),
    ...(Math.random() < 0.3 && { completed: true }),
    ...(Math.random() < 0.3 && { parentStepId: pick(steps) }),
    ...(Math.random() < 0.3 && { usage: { inputTokens: pick([1, 2]) } }),
    ...(Math.random() < 0.2 && { startedAt: new Date(Date.now() - pick([1, 2]) * 1000).toISOString() }),
  });
  const sent = [];
  await Promise.all(
    upTo(8).map(async () => {
      for (let n = 0; n < 15; n++) {
        const [step, body] = [pick(steps), random()];
        sent.push([step, body]);
        const reply = await put(id, body, step);
        assert.ok([200, 201].includes(reply.status), reply.text);
      }
    }),
  );
  await replayed(id);
  for (const step of steps) (await put(id, { stepType: 'thinking', completed: true }, step)).expect(200, 201);
  const { lastSeq } = await shown(id);
  for (const [step, first] of sent) {
    const body = { ...first };
    delete body.startedAt;
    const { changed, step: now } = (await put(id, body, step)).expect(200).body;
    if (changed.length === 0) assert.ok(now.seq <= (await shown(id)).lastSeq);
  }
  const all = await replayed(id);
  assert.ok(all.length >= lastSeq);
  const sums = await world.sql(
    `SELECT coalesce(sum((usage::json ->> 'inputTokens')::int), 0) AS n FROM steps WHERE session_id = '${id}'`,
  );
  assert.equal((await shown(id)).usage?.inputTokens ?? 0, sums[0].n);
});
