// SPDX-License-Identifier: Apache-2.0
// Compares what was seen with what the tables render: every durable event equal to it, every acknowledged write present,
// every write that was given up whole or absent, every number of every room once. (That each reader had each number once
// and in order is seen on the way, reader.mjs.)
import assert from 'node:assert/strict';
import { until } from '../lib/patience.mjs';

const STEP_EVENTS = new Set([
  'agent_session:step:started',
  'agent_session:step:completed',
  'agent_session:step:updated',
]);

const quoted = (ids) => `('${ids.join("', '")}')`;
const idOf = (room) => room.slice(room.indexOf(':') + 1);

async function counters(instance, rooms) {
  const ids = quoted(rooms.map(idOf));
  const rows = await instance.psql(`SELECT 'session:' || id AS room, last_seq FROM agent_sessions WHERE id IN ${ids}
    UNION ALL SELECT 'stream:' || id, last_seq FROM streams WHERE id IN ${ids}`);
  return new Map(rows.map(({ room, last_seq }) => [room, last_seq]));
}

// Waits until every reader has caught up with the tables. Nobody writes any more.
export async function waitComplete(instance, readers, ms = 45_000) {
  const heads = await counters(instance, [...new Set(readers.flatMap((reader) => reader.rooms))]);
  const isBehind = (reader) => reader.rooms.some((room) => reader.last(room) < heads.get(room));
  await until(() => !readers.some(isBehind), 'the readers to be complete', ms).catch((error) => {
    const behind = readers
      .filter(isBehind)
      .map(
        (reader) =>
          `${reader.rooms.map((room) => `${room} ${reader.last(room)} of ${heads.get(room)}`).join(', ')} (status ${reader.stream.status}, connection ${reader.stream.connections})`,
      );
    throw new Error(`${error.message}, ${behind.length} of ${readers.length}: ${behind.slice(0, 5).join('; ')}`);
  });
}

function checkGapless(rows) {
  for (const { id, last_seq, numbers, distinct } of rows) {
    assert.equal(Number(numbers), Number(last_seq), `${id}: ${numbers} events, counter ${last_seq}`);
    assert.equal(Number(distinct), Number(last_seq), `${id}: a number twice`);
  }
}

// The tables themselves: every number of every room exactly once. `rooms`: only those sessions and streams.
export async function checkTables(instance, { sessions, streams } = {}) {
  const among = (ids) => (ids ? `WHERE s.id IN ${quoted(ids)}` : '');
  checkGapless(
    await instance.psql(`
    SELECT s.id, s.last_seq, count(n.seq) AS numbers, count(DISTINCT n.seq) AS distinct FROM agent_sessions s LEFT JOIN LATERAL (
      SELECT seq FROM session_events WHERE session_id = s.id
      UNION ALL SELECT start_seq FROM steps WHERE session_id = s.id
      UNION ALL SELECT end_seq FROM steps WHERE session_id = s.id AND end_seq <> start_seq) n ON true ${among(sessions)} GROUP BY s.id, s.last_seq`),
  );
  checkGapless(
    await instance.psql(`
    SELECT s.id, s.last_seq, count(e.seq) AS numbers, count(DISTINCT e.seq) AS distinct FROM streams s
    LEFT JOIN stream_events e ON e.stream_id = s.id ${among(streams)} GROUP BY s.id, s.last_seq`),
  );
}

// What its agent or a person has ended has no other state afterwards; and a session counts the steps that it has.
export async function checkEndings(instance, sessions) {
  const ids = quoted(sessions);
  const again = await instance.psql(`
    SELECT e.session_id, e.type, l.type AS later FROM session_events e
    JOIN session_events l ON l.session_id = e.session_id AND l.seq > e.seq AND l.step_id IS NULL
    WHERE e.session_id IN ${ids} AND e.type IN ('agent_session:completed', 'agent_session:failed', 'agent_session:cancelled')
      AND e.session::json #>> '{endedBy,type}' <> 'system'`);
  assert.deepEqual(again, [], 'sessions that were ended by their agents went on');
  const miscounted = await instance.psql(`
    SELECT s.id, s.step_count, s.open_steps, s.input_tokens, n.* FROM agent_sessions s CROSS JOIN LATERAL (
      SELECT count(*) AS steps, count(*) FILTER (WHERE end_seq IS NULL) AS open, sum((usage::json ->> 'inputTokens')::bigint) AS tokens
      FROM steps p WHERE p.session_id = s.id) n
    WHERE s.id IN ${ids} AND (s.step_count, s.open_steps, coalesce(s.input_tokens, 0)) IS DISTINCT FROM (n.steps, n.open, coalesce(n.tokens, 0))`);
  assert.deepEqual(miscounted, [], 'sessions that count other steps than they have');
}

// "room seq" → the event's data as the tables print it. Steps are compared with REST's, since programs print them.
async function renderLifecycles(instance, { sessions, streams }) {
  const rows = await instance.psql(`
    SELECT 'session:' || e.session_id AS room, e.seq, session_event_json(e)::text AS raw FROM session_events e WHERE e.session_id IN ${quoted(sessions)}
    UNION ALL SELECT 'stream:' || e.stream_id, e.seq, stream_event_json(e)::text FROM stream_events e WHERE e.stream_id IN ${quoted(streams)}`);
  return new Map(rows.map(({ room, seq, raw }) => [`${room} ${seq}`, raw]));
}

async function renderSteps(client, session) {
  const steps = new Map();
  for (let after = ''; ; ) {
    const { body } = (await client.get(`agent-sessions/${session}${after && `?after=${after}`}`)).expect(200);
    for (const step of body.steps) steps.set(step.id, step);
    if (!body.nextAfter) return steps;
    after = body.nextAfter;
  }
}

function checkStep(type, data, stored) {
  assert.ok(stored, `an event about step ${data.step.id}, which is not there`);
  if (type === 'agent_session:step:completed') {
    assert.equal(data.seq, stored.seq);
    assert.deepEqual(data.step, stored);
  } else {
    assert.equal(data.step.status, 'running');
    for (const field of ['id', 'sessionId', 'stepNumber', 'stepType', 'startedAt'])
      assert.equal(data.step[field], stored[field]);
  }
}

// Of a step that was put: told as it was then, or replayed as it is.
function checkChanging(type, data, stored) {
  assert.ok(stored, `an event about step ${data.step.id}, which is not there`);
  assert.equal(data.step.stepNumber, stored.stepNumber);
  assert.ok(data.seq <= stored.seq, `step ${stored.id}: ${data.seq} after its last number ${stored.seq}`);
  if (data.seq === stored.seq) assert.deepEqual(data.step, stored);
}

async function checkReopened(instance, writers) {
  const reopened = writers.flatMap((writer) => [...writer.reopened]);
  if (reopened.length === 0) return;
  const rows =
    await instance.psql(`SELECT session_id AS id, array_agg(type ORDER BY seq)::text AS types FROM session_events
    WHERE session_id IN ${quoted(reopened)} AND step_id IS NULL GROUP BY 1`);
  assert.equal(rows.length, reopened.length);
  for (const { id, types } of rows)
    assert.match(types, /started.*failed.*updated.*completed/, `${id}, which fell silent: ${types}`);
}

function checkWriter(writer, steps) {
  for (const [id, acknowledged] of writer.acknowledged) {
    assert.ok(steps.has(id), `acknowledged step ${id} is lost`);
    assert.deepEqual(steps.get(id), acknowledged, `step ${id} differs from what was acknowledged`);
  }
  for (const write of writer.doubtful) {
    const present = write.steps.filter(({ id }) => steps.has(id));
    assert.ok(
      present.length === 0 || present.length === write.steps.length,
      `${write.session}: half of a batch is there`,
    );
    for (const { id, content } of present) {
      assert.equal(steps.get(id).status, 'completed', `step ${id}, written whole`);
      assert.deepEqual(steps.get(id).content, content);
    }
  }
}

// Checks a whole round. Returns how many different events the book had.
export async function checkRound(instance, client, { book, readers, writers }) {
  for (const reader of readers) assert.deepEqual(reader.violations, []);
  const sessions = writers.flatMap((writer) => writer.sessions);
  const streams = writers.flatMap((writer) => writer.streamId ?? []);
  await checkTables(instance, { sessions, streams });
  await checkEndings(instance, sessions);
  await checkReopened(instance, writers);
  const lifecycles = await renderLifecycles(instance, { sessions, streams });
  const steps = new Map();
  for (const session of sessions) for (const [id, step] of await renderSteps(client, session)) steps.set(id, step);
  for (const writer of writers) checkWriter(writer, steps);
  let distinct = 0;
  for (const { room, seq, type, raw } of book.entries()) {
    distinct++;
    const data = STEP_EVENTS.has(type) ? JSON.parse(raw) : undefined;
    if (data && book.changing.has(room)) checkChanging(type, data, steps.get(data.step.id));
    else if (data) checkStep(type, data, steps.get(data.step.id));
    else if (book.changes(room, type)) assert.equal(`session:${JSON.parse(raw).session.id}`, room);
    else assert.equal(raw, lifecycles.get(`${room} ${seq}`), `${room} ${seq}`);
  }
  return distinct;
}
