// SPDX-License-Identifier: Apache-2.0
// What hints alone tell, when none comes: everything here is written past the programs, straight into the database, and
// readers learn it from the pusher's comparisons. And what one room's rows must not do to the others.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { metric } from '../lib/metrics.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance;
let agent;
let person;
let open = [];

before(async () => {
  instance = await start({ env: { TRACE_PUSHER_CHECK: '1' } });
  agent = agentOf(instance);
  person = await personOf(instance);
});
after(() => instance?.stop());
afterEach(() => {
  const all = open;
  open = [];
  for (const stream of all) stream.close();
  for (const stream of all) assert.deepEqual(stream.violations, []);
});

async function subscribe(rooms, options = {}) {
  const stream = await openEvents(agent, rooms, options);
  open.push(stream);
  return stream;
}

const newSession = async (body = {}) => (await agent.post('agent-sessions', body)).expect(201).body.session;
const newStep = async (session) =>
  (await agent.post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking' })).expect(201).body.step;
const say = async (session, step, body) =>
  (await agent.post(`agent-sessions/${session.id}/steps/${step.id}/progress`, body)).expect(202);
const isText = ({ type }) => type === 'agent_session:step:progress';

// The sweeper's statement, without its hints.
const lose = (session) =>
  instance.psql(`WITH s AS (UPDATE agent_sessions SET status = 'failed', last_seq = last_seq + 1,
      completed_at = clock_timestamp(), error_code = 'heartbeat_lost', error_message = 'x', ended_by_type = 'system'
    WHERE id = '${session.id}' RETURNING agent_sessions AS s)
    INSERT INTO session_events (session_id, seq, type, session)
    SELECT (s).id, (s).last_seq, 'agent_session:failed', session_core_json(s) FROM s`);
const reopen = (session) =>
  instance.psql(`SELECT write_session_updated(reopen_session(s), s.persona_id) FROM agent_sessions s
    WHERE s.id = '${session.id}'`);

test('a session that runs again shows the text of what was open', async () => {
  const session = await newSession();
  const step = await newStep(session);
  const stream = await subscribe([`session:${session.id}`]);
  await say(session, step, { content: 'before' });
  await stream.wait(isText);
  await lose(session);
  await stream.wait('agent_session:failed');
  await reopen(session);
  await stream.wait('agent_session:updated');
  await until(async () => {
    await say(session, step, { content: 'after' });
    return stream.events.some((e) => isText(e) && e.data.content === 'after');
  }, 'the text of the step that is still open');
  const late = await subscribe([`session:${session.id}`]);
  assert.equal((await late.wait(isText)).data.content, 'after');
});

test('what a pruning deleted is not replayed', async () => {
  const session = await newSession();
  const stream = await subscribe([`session:${session.id}`]);
  const step = { stepType: 'thinking', completed: true, content: 'a text that is pruned' };
  (await agent.post(`agent-sessions/${session.id}/steps`, step)).expect(201);
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
  await stream.wait('agent_session:completed');
  const other = await subscribe([`session:${session.id}`], { lastEventId: '1' });
  await other.wait((e) => e.data?.step?.content === step.content);
  await instance.psql(`WITH s AS (UPDATE agent_sessions SET pruned_at = clock_timestamp(), last_seq = last_seq + 1
      WHERE id = '${session.id}' RETURNING id, last_seq),
    d AS (DELETE FROM steps WHERE session_id = '${session.id}'),
    e AS (DELETE FROM session_events WHERE session_id = '${session.id}')
    INSERT INTO session_events (session_id, seq, type) SELECT id, last_seq, 'agent_session:updated' FROM s`);
  const again = await subscribe([`session:${session.id}`], { lastEventId: '1' });
  await again.wait((e) => ['reset', 'end'].includes(e.type));
  assert.deepEqual(
    again.events.filter((e) => e.data?.step),
    [],
  );
});

test('a deleted text is forgotten, and who quotes it is told', async () => {
  const said = { content: 'a text that is deleted' };
  const { message } = (await person.post(`streams/${instance.env.TRACE_STREAM}/messages`, said)).expect(201).body;
  const session = await newSession({ streamId: instance.env.TRACE_STREAM, triggerMessageId: message.id });
  const rooms = [`session:${session.id}`];
  const stream = await subscribe(rooms, { lastEventId: '0' });
  // The frames that hints have brought, and a page of older ones.
  assert.match((await stream.wait('agent_session:started')).raw, /a text that is deleted/);
  const quote = {
    stepType: 'context_received',
    completed: true,
    content: { messages: [{ messageId: message.id, text: said.content }] },
  };
  (await agent.post(`agent-sessions/${session.id}/steps`, quote)).expect(201);
  await stream.wait('agent_session:step:completed');
  await instance.psql(`SELECT remove_message(m, m.author_id) FROM messages m WHERE m.id = '${message.id}'`);
  const isForgotten = async () => {
    const again = await subscribe(rooms, { lastEventId: '0' });
    const first = await again.wait('agent_session:started');
    again.close();
    return !first.raw.includes(said.content);
  };
  await until(isForgotten, 'the excerpt is gone');
  assert.equal((await stream.wait('message:deleted')).data.messageId, message.id);
  (await agent.post(`agent-sessions/${session.id}/complete`, {})).expect(200);
});

test("a session that ended by an agent's clock is told again, too", async () => {
  const session = await newSession({ streamId: instance.env.TRACE_STREAM });
  const stream = await subscribe([`workspace:${instance.env.TRACE_WORKSPACE}`]);
  await stream.wait('workspace:snapshot');
  await instance.psql(`UPDATE agent_sessions SET status = 'completed', started_at = now() - interval '2 hours',
      completed_at = now() - interval '1 hour' WHERE id = '${session.id}'`);
  const changed = await stream.wait((e) => e.type === 'session:changed' && e.data.session.id === session.id);
  assert.equal(changed.data.session.status, 'completed');
});

test('checkpoints of many open steps are read a part at a time, and all are shown', async () => {
  const session = await newSession();
  await newStep(session);
  await instance.psql(`
    INSERT INTO steps SELECT (jsonb_populate_record(s, jsonb_build_object('id', s.id || i, 'step_number', i, 'start_seq', i,
        'seq', i, 'content', '"' || repeat('x', 1000000) || i || '"', 'content_length', 1000000 + length(i::text)))).*
      FROM steps s, generate_series(3, 41) i WHERE s.session_id = '${session.id}';
    UPDATE agent_sessions SET last_seq = 41, step_count = 40, open_steps = 40 WHERE id = '${session.id}'`);
  const before = await metric(instance, 'trace_pusher_queries_total', { kind: 'state' });
  const stream = await subscribe([`session:${session.id}`]);
  const shown = () => new Set(stream.events.filter(isText).map((e) => e.data.stepId)).size;
  await until(() => shown() === 39, 'the texts of all steps', 30_000);
  const asked = (await metric(instance, 'trace_pusher_queries_total', { kind: 'state' })) - before;
  assert.ok(asked >= 8, `${asked} queries for 39 MB`);
  assert.equal(await metric(instance, 'trace_pusher_database_losses_total'), 0);
});

test('a room whose query fails is asked for alone, and the others get their answers', async () => {
  const [bad, good] = [await newSession(), await newSession()];
  const step = await newStep(good);
  await newStep(bad);
  await say(good, step, { content: 'stored', checkpoint: true });
  const [{ body }] = await instance.psql(`SELECT pg_get_functiondef('room_ends_in_ms'::regproc) AS body`);
  const fails = `s.id = '${bad.id}' AND current_setting('application_name') = 'trace-pusher'`;
  await instance.psql(body.replace('BEGIN', `BEGIN IF ${fails} THEN RAISE 'out of order'; END IF;`));
  const stuck = await subscribe([`session:${bad.id}`]);
  const alone = /did not answer store_room_state for room=(\S+), [3-9] times in a row/;
  await until(() => alone.test(instance.log('trace-pusher')), 'several attempts');
  assert.equal(alone.exec(instance.log('trace-pusher'))[1], `session:${bad.id}`);
  const stream = await subscribe([`session:${good.id}`]);
  assert.equal((await stream.wait(isText)).data.content, 'stored');
  await instance.psql(body);
  await say(bad, await newStep(bad), { content: 'well again' });
  await stuck.wait((e) => isText(e) && e.data.content === 'well again');
});
