// SPDX-License-Identifier: Apache-2.0
// The life of a session over REST: created, claimed, kept alive, ended, retried; who may do what, and what is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, newId, upTo } from './session_world.mjs';

let world, ids, agent;

before(async () => {
  world = await World.make();
  ({ ids, agent } = world);
});
after(() => world?.instance.stop());

const at = (session, verb = '') => `agent-sessions/${session}${verb && `/${verb}`}`;
const events = (stream, after = 0) =>
  world.sql(
    `SELECT seq, type, session_id, actor_id FROM stream_events WHERE stream_id = '${stream}' AND seq > ${after} ORDER BY seq`,
  );
const fail = (session, code = 'model_error') =>
  agent.post(at(session, 'fail'), { error: { code, message: 'It broke.' } });

async function conflict(reply, code, more = {}) {
  (await reply).expect(409);
  const problem = (await reply).body;
  assert.equal((await reply).code, code);
  for (const [key, value] of Object.entries(more)) assert.equal(problem[key], value);
}

async function without(stream) {
  await world.sql(
    `UPDATE agent_sessions SET status = 'cancelled', completed_at = now() WHERE stream_id = '${stream}' AND completed_at IS NULL`,
  );
}

test('a session without a stream has its own room only', async () => {
  const id = newId('ses');
  const metadata = { z: 1, a: [1.5, 'two'] };
  const reply = (await agent.post('agent-sessions', { id, title: 'Look "here"\n', metadata, unknown: true })).expect(
    201,
  );
  const { session } = reply.body;
  assert.equal(session.id, id);
  assert.equal(session.status, 'running');
  assert.equal(session.title, 'Look "here"\n');
  assert.deepEqual(session.metadata, metadata);
  assert.match(reply.text, /"metadata":\{"z":1,"a":\[1\.5/);
  assert.equal(session.lastSeq, 1);
  assert.equal(session.attempt, 1);
  assert.deepEqual(session.persona, { id: ids.ariadne, name: 'Ariadne', slug: 'ariadne', avatar: 'P' });
  for (const field of ['streamId', 'completedAt', 'error', 'trigger', 'usage']) assert.ok(!(field in session), field);
  assert.match(reply.headers.get('trace-time'), /^\d{13}$/);
  assert.deepEqual((await world.numbers(id)).taken, [1]);
});

test('a session in a thread has events in both rooms, from one transaction', async () => {
  const before = await world.last(ids.thread);
  const { session } = (await agent.post('agent-sessions', { streamId: ids.thread, triggerMessageId: ids.root })).expect(
    201,
  ).body;
  assert.equal(session.parentStreamId, ids.open);
  assert.equal(session.parentMessageId, ids.root);
  assert.deepEqual(session.stream, { id: ids.thread, type: 'thread', name: 'thread' });
  assert.deepEqual(session.trigger, {
    messageId: ids.root,
    authorId: ids.ada,
    authorName: 'Ada',
    excerpt: 'what is the launch date?',
  });
  assert.equal(await world.last(ids.thread), before + 1);
  const [event] = await events(ids.thread, before);
  assert.deepEqual(event, {
    seq: before + 1,
    type: 'agent_session:started',
    session_id: session.id,
    actor_id: ids.ariadne,
  });
  await conflict(agent.post('agent-sessions', { streamId: ids.thread }), 'session_running', { sessionId: session.id });
  await conflict(agent.post('agent-sessions', { triggerMessageId: ids.root }), 'session_exists', {
    sessionId: session.id,
  });
  // A session of another persona does not conflict.
  const theirs = (
    await world.other.post('agent-sessions', { streamId: ids.thread, triggerMessageId: ids.root })
  ).expect(201).body.session;
  assert.equal(theirs.personaId, ids.daedalus);
  await without(ids.thread);
});

test("the same id again is the same session; one that is somebody else's is a conflict", async () => {
  const id = newId('ses');
  const first = (await agent.post('agent-sessions', { id })).expect(201).body;
  const again = (await agent.post('agent-sessions', { id, title: 'other' })).expect(200).body;
  assert.deepEqual(again, first);
  await conflict(world.other.post('agent-sessions', { id }), 'id_conflict');
  await conflict(world.stranger.with({ workspace: ids.otherWs }).post('agent-sessions', { id }), 'id_conflict');
  (await fail(id)).expect(200);
  assert.equal((await agent.post('agent-sessions', { id })).expect(200).body.session.status, 'failed');
});

test('what a token may not see does not exist for it', async () => {
  const elsewhere = newId('str');
  await world.sql(`INSERT INTO streams (id, workspace_id, type, name, private, root_id)
    VALUES ('${elsewhere}', '${ids.otherWs}', 'channel', 'there', false, '${elsewhere}')`);
  const hidden = await world.post(ids.secret, ids.ada, 'hidden');
  const bodies = [
    { personaId: ids.daedalus },
    { personaId: newId('per') },
    { streamId: ids.secret },
    { streamId: newId('str') },
    { streamId: elsewhere },
    { triggerMessageId: newId('msg') },
    { triggerMessageId: hidden },
  ];
  for (const body of bodies) assert.equal((await agent.post('agent-sessions', body)).expect(404).code, 'not_found');
  (await agent.post('agent-sessions', { personaId: ids.ariadne })).expect(201);
  // Once called into the private channel, it may.
  await world.sql(`INSERT INTO stream_members (stream_id, member_id) VALUES ('${ids.secret}', '${ids.ariadne}')`);
  const { session } = (await agent.post('agent-sessions', { streamId: ids.secret, triggerMessageId: hidden })).expect(
    201,
  ).body;
  await world.sql(`DELETE FROM stream_members WHERE member_id = '${ids.ariadne}'`);
  (await agent.get(at(session.id))).expect(404);
  (await agent.post(at(session.id, 'complete'), {})).expect(200);
});

test('a private message starts sessions of its own channel only: everyone who reads one sees its beginning', async () => {
  const hidden = await world.post(ids.secret, ids.ada, 'the merger is called heliotrope');
  const elsewhere = newId('str');
  await world.sql(`INSERT INTO streams (id, workspace_id, type, name, private, root_id)
      VALUES ('${elsewhere}', '${ids.ws}', 'channel', 'elsewhere', true, '${elsewhere}');
    INSERT INTO stream_members (stream_id, member_id) VALUES ('${ids.secret}', '${ids.ariadne}'), ('${elsewhere}', '${ids.ariadne}')`);
  const thread = (await world.ada.post(`messages/${hidden}/thread`)).expect(201).body.stream.id;
  for (const streamId of [undefined, ids.open, ids.thread, elsewhere])
    assert.equal(
      (await agent.post('agent-sessions', { streamId, triggerMessageId: hidden })).expect(404).code,
      'not_found',
      streamId,
    );
  const { session } = (await agent.post('agent-sessions', { streamId: thread, triggerMessageId: hidden })).expect(
    201,
  ).body;
  assert.equal(session.trigger.excerpt, 'the merger is called heliotrope');
  const found = async (who) =>
    (await who.get('agent-sessions?q=heliotrope')).expect(200).body.sessions.map(({ id }) => id);
  assert.deepEqual([await found(world.ada), await found(world.bob)], [[session.id], []]);
  // A public message may start one anywhere.
  const open = await world.post(ids.open, ids.ada, 'for all');
  const other = (await agent.post('agent-sessions', { streamId: elsewhere, triggerMessageId: open })).expect(201).body
    .session;
  for (const { id } of [session, other]) (await agent.post(at(id, 'complete'), {})).expect(200);
  await world.sql(`DELETE FROM stream_members WHERE member_id = '${ids.ariadne}'`);
});

test('credentials: none, bad, revoked, of a person, of another workspace, without the scope', async () => {
  const id = await world.session();
  const writes = [
    ['agent-sessions', {}],
    [at(id, 'claim'), { workerId: 'w' }],
    [at(id, 'heartbeat')],
    [at(id, 'complete'), {}],
    [at(id, 'fail'), { error: { code: 'x', message: 'y' } }],
    [at(id, 'cancel')],
    [at(id, 'retry')],
  ];
  const revoked = `atk_${newId('tok')}`;
  await world.sql(`INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes, revoked_at)
    VALUES ('${newId('tok')}', '${ids.ws}', '${ids.ariadne}', sha256('${revoked}'), '{read,sessions:write}', now())`);
  for (const [path, body] of writes) {
    for (const token of [undefined, 'atk_wrong', 'sp ace', '\\x00', revoked]) {
      const reply = (await world.nobody.with({ token }).post(path, body)).expect(401);
      assert.equal(reply.code, 'unauthenticated');
    }
    (await world.stranger.post(path, body)).expect(404);
    const refused = (await world.reader.post(path, body)).expect(403);
    assert.equal(refused.code, 'insufficient_scope');
    if (path.endsWith('cancel') || path.endsWith('retry')) continue;
    (await world.ada.post(path, body)).expect(401);
  }
  (await world.writer.get(at(id))).expect(403);
  (await world.other.post(at(id, 'heartbeat'))).expect(404);
  assert.deepEqual((await world.numbers(id)).taken, [1]);
});

test('a pending session is claimed by one worker', async () => {
  const id = await world.pending({ stream_id: ids.open });
  for (const [verb, body] of [
    ['heartbeat'],
    ['complete', {}],
    ['fail', { error: { code: 'x', message: 'y' } }],
    ['steps', { stepType: 'thinking' }],
    ['batch', '{"op":"record","stepType":"thinking"}'],
    [`steps/${newId('stp')}/complete`, {}],
    [`steps/${newId('stp')}/progress`, { content: 'x' }],
  ])
    await conflict(agent.post(at(id, verb), body), 'session_pending');
  (await agent.post(at(id, 'claim'), {})).expect(400);
  (await world.other.post(at(id, 'claim'), { workerId: 'w' })).expect(404);
  const replies = await Promise.all(upTo(8).map((n) => agent.post(at(id, 'claim'), { workerId: `w${n}` })));
  assert.equal(replies.filter((reply) => reply.status === 200).length, 1);
  for (const reply of replies) if (reply.status !== 200) assert.equal(reply.expect(409).code, 'already_claimed');
  const worker = `w${replies.findIndex((reply) => reply.status === 200) + 1}`;
  const { session } = (await agent.post(at(id, 'claim'), { workerId: worker })).expect(200).body;
  assert.equal(session.status, 'running');
  assert.ok(session.startedAt && session.heartbeatAt);
  const { last, taken } = await world.numbers(id);
  assert.deepEqual(taken, upTo(last));
  const second = await world.pending({ stream_id: ids.open });
  await conflict(agent.post(at(second, 'claim'), { workerId: worker }), 'session_running', { sessionId: id });
  (await agent.post(at(id, 'complete'), {})).expect(200);
  await conflict(agent.post(at(id, 'claim'), { workerId: worker }), 'session_ended', { sessionStatus: 'completed' });
  (await agent.post(at(second, 'claim'), { workerId: worker })).expect(200);
  await without(ids.open);
});

test('heartbeats emit no events', async () => {
  const id = await world.session();
  await world.sql(`UPDATE agent_sessions SET heartbeat_at = now() - interval '1 hour' WHERE id = '${id}'`);
  const reply = (await agent.post(at(id, 'heartbeat'))).expect(204);
  assert.equal(reply.text, '');
  const [{ age, last_seq }] = await world.sql(
    `SELECT extract(epoch FROM now() - heartbeat_at) AS age, last_seq FROM agent_sessions WHERE id = '${id}'`,
  );
  assert.ok(age < 1800, `${age} s`);
  assert.equal(last_seq, 1);
  (await agent.post(at(newId('ses'), 'heartbeat'))).expect(404);
  (await agent.post(at(id, 'cancel'))).expect(200);
  await conflict(agent.post(at(id, 'heartbeat')), 'session_ended', { sessionStatus: 'cancelled' });
});

test('the first ending stands; repeating it returns the first result', async () => {
  const endings = {
    complete: [{ responseMessageId: ids.root }, 'completed'],
    fail: [{ error: { code: 'tool_limit', message: 'Gave up.' } }, 'failed'],
    cancel: [undefined, 'cancelled'],
  };
  for (const [verb, [body, status]] of Object.entries(endings)) {
    const id = await world.session({ streamId: ids.open });
    const step = (await agent.post(at(id, 'steps'), { stepType: 'thinking' })).expect(201).body.step.id;
    const first = (await agent.post(at(id, verb), body)).expect(200).body.session;
    assert.equal(first.status, status);
    assert.deepEqual(first.endedBy, { type: 'persona', id: ids.ariadne, name: 'Ariadne' });
    assert.equal(first.openSteps, 1);
    assert.ok(first.durationMs >= 0);
    assert.deepEqual(first.error, verb === 'fail' ? body.error : undefined);
    assert.deepEqual((await agent.post(at(id, verb), body)).expect(200).body.session, first);
    for (const [late, [lateBody]] of Object.entries(endings))
      if (late !== verb) await conflict(agent.post(at(id, late), lateBody), 'session_ended', { sessionStatus: status });
    await conflict(agent.post(at(id, 'steps'), { stepType: 'thinking' }), 'session_ended', { sessionStatus: status });
    await conflict(agent.post(at(id, `steps/${step}/complete`), {}), 'session_ended', { sessionStatus: status });
    await conflict(agent.post(at(id, 'batch'), '{"op":"record","stepType":"thinking"}'), 'session_ended', {
      sessionStatus: status,
    });
    (await agent.post(at(id, `steps/${step}/progress`), { content: 'late' })).expect(202);
    (await agent.post(at(id, `steps/${step}/progress`), { content: 'late', checkpoint: true })).expect(202);
    const page = (await agent.get(at(id))).expect(200).body;
    assert.equal(page.steps[0].status, 'interrupted');
    for (const field of ['content', 'completedAt', 'durationMs']) assert.ok(!(field in page.steps[0]), field);
    const { last, taken } = await world.numbers(id);
    assert.equal(last, 3);
    assert.deepEqual(taken, upTo(3));
    const [told] = (await events(ids.open)).slice(-1);
    assert.equal(told.type, `agent_session:${status}`);
  }
});

test('bodies of endings', async () => {
  const id = await world.session();
  for (const body of [
    {},
    { error: 'x' },
    { error: {} },
    { error: { code: 'x' } },
    { error: { code: '', message: '' } },
    { error: { code: 1, message: '' } },
  ])
    assert.equal((await agent.post(at(id, 'fail'), body)).expect(400).code, 'invalid_body');
  for (const body of [
    { seenSeq: -1 },
    { seenSeq: 'x' },
    { seenSeq: 1.5 },
    { responseMessageId: 'x' },
    { responseMessageId: ids.ariadne },
    '[]',
    '{',
    'null',
  ])
    assert.equal((await agent.post(at(id, 'complete'), body)).expect(400).code, 'invalid_body');
  (await agent.post(at(id, 'complete'))).expect(200);
});

test('people who may post stop and retry; without a stream an admin does', async () => {
  const id = await world.session({ streamId: ids.open });
  (await world.eve.post(at(id, 'cancel'))).expect(404);
  (await world.other.post(at(id, 'cancel'))).expect(404);
  (await world.bob.with({ headers: { origin: 'https://elsewhere.example' } }).post(at(id, 'cancel'))).expect(403);
  const stopped = (await world.bob.post(at(id, 'cancel'))).expect(200).body.session;
  assert.deepEqual(stopped.endedBy, { type: 'user', id: ids.bob, name: 'Bob' });
  const [told] = (await events(ids.open)).slice(-1);
  assert.equal(told.actor_id, ids.bob);

  await world.sql(`INSERT INTO stream_members (stream_id, member_id) VALUES ('${ids.secret}', '${ids.ariadne}')`);
  const hidden = await world.session({ streamId: ids.secret });
  (await world.bob.post(at(hidden, 'cancel'))).expect(404);
  (await world.ada.post(at(hidden, 'cancel'))).expect(200);
  (await world.bob.post(at(hidden, 'retry'))).expect(404);
  (await world.ada.post(at(hidden, 'retry'))).expect(201);
  await world.sql(`DELETE FROM stream_members WHERE member_id = '${ids.ariadne}'`);

  const bare = await world.session();
  (await world.bob.get(at(bare))).expect(200);
  (await world.bob.post(at(bare, 'cancel'))).expect(404);
  (await world.ada.post(at(bare, 'cancel'))).expect(200);
  const waiting = await world.pending();
  (await world.ada.post(at(waiting, 'cancel'))).expect(200);
  await conflict(agent.post(at(waiting, 'claim'), { workerId: 'w' }), 'session_ended', { sessionStatus: 'cancelled' });
});

test('a retry is a new pending session, once', async () => {
  const trigger = await world.post(ids.open, ids.bob, 'again?');
  const id = await world.session({ streamId: ids.open, triggerMessageId: trigger, title: 'T', metadata: { a: 1 } });
  await conflict(agent.post(at(id, 'retry')), 'not_retryable');
  (await fail(id)).expect(200);
  const replies = await Promise.all(upTo(6).map(() => world.bob.post(at(id, 'retry'))));
  assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 200, 200, 200, 200, 201]);
  const retry = replies[0].body.session;
  for (const reply of replies) assert.equal(reply.body.session.id, retry.id);
  assert.equal(retry.status, 'pending');
  assert.equal(retry.retryOf, id);
  assert.equal(retry.attempt, 2);
  assert.equal(retry.trigger.messageId, trigger);
  assert.equal(retry.title, 'T');
  const [told] = (await events(ids.open)).slice(-1);
  assert.deepEqual([told.type, told.session_id, told.actor_id], ['agent_session:requested', retry.id, ids.bob]);
  const { session, relatedSessions } = (await agent.get(at(id))).expect(200).body;
  assert.equal(session.retriedBy, retry.id);
  assert.deepEqual(
    relatedSessions.map((one) => [one.id, one.attempt, one.status]),
    [
      [id, 1, 'failed'],
      [retry.id, 2, 'pending'],
    ],
  );
  await conflict(agent.post(at(retry.id, 'retry')), 'not_retryable');
  const done = await world.session();
  (await agent.post(at(done, 'complete'), {})).expect(200);
  await conflict(agent.post(at(done, 'retry')), 'not_retryable');
  await without(ids.open);
});

test('what people wrote after seenSeq makes a follow-up, in the same statement', async () => {
  const id = await world.session({ streamId: ids.thread });
  const seen = await world.last(ids.thread);
  await world.post(ids.thread, ids.ariadne, 'the persona itself does not count');
  (await agent.post(at(id, 'complete'), { seenSeq: seen })).expect(200);
  assert.equal((await events(ids.thread)).at(-1).type, 'agent_session:completed');

  const next = await world.session({ streamId: ids.thread });
  await world.post(ids.thread, ids.ada, 'one more thing');
  const newest = await world.post(ids.thread, ids.bob, 'and another');
  (await agent.post(at(next, 'complete'), { seenSeq: seen })).expect(200);
  const [ended, requested] = (await events(ids.thread)).slice(-2);
  assert.deepEqual([ended.type, ended.session_id], ['agent_session:completed', next]);
  assert.deepEqual(
    [requested.type, requested.seq, requested.actor_id],
    ['agent_session:requested', ended.seq + 1, ids.bob],
  );
  assert.equal(await world.last(ids.thread), requested.seq);
  const { session } = (await agent.get(at(requested.session_id))).expect(200).body;
  assert.equal(session.status, 'pending');
  assert.equal(session.trigger.messageId, newest);
  assert.equal(session.parentMessageId, ids.root);
  assert.deepEqual((await world.numbers(session.id)).taken, [1]);
  // A second ending returns the same and creates nothing.
  (await agent.post(at(next, 'complete'), { seenSeq: seen })).expect(200);
  assert.equal((await events(ids.thread)).at(-1).seq, requested.seq);
  // A pending session will see the messages, so there is no second one.
  const [{ count }] = await world.sql(
    `SELECT count(*) FROM agent_sessions WHERE stream_id = '${ids.thread}' AND status = 'pending'`,
  );
  assert.equal(count, 1);
  (await agent.post(at(session.id, 'claim'), { workerId: 'w' })).expect(200);
  (await agent.post(at(session.id, 'complete'), { seenSeq: await world.last(ids.thread) })).expect(200);
  assert.equal((await events(ids.thread)).at(-1).type, 'agent_session:completed');
});

test('invalid ids, unknown methods', async () => {
  const id = await world.session();
  for (const path of ['agent-sessions/x', at('ses_lowercase'), at(newId('stp')), at(id, 'steps/x'), at(id, 'nothing')])
    assert.equal((await agent.get(path)).expect(404).code, 'not_found');
  const reply = (await agent.request('PUT', at(id, 'complete'), {})).expect(405);
  assert.equal(reply.headers.get('allow'), 'POST');
  assert.equal(reply.code, 'method_not_allowed');
  (await agent.request('DELETE', at(id))).expect(405);
});
