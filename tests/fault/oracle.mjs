// What was seen, held against what the tables render: every durable event once, in order, equal in every member.
import assert from 'node:assert/strict';
import { until } from '../lib/instance.mjs';

const STEP_EVENTS = new Set(['agent_session:step:started', 'agent_session:step:completed']);

async function counters(instance) {
  const rows = await instance.psql(`SELECT 'session:' || id AS room, last_seq FROM agent_sessions UNION ALL SELECT 'stream:' || id, last_seq FROM streams`);
  return new Map(rows.map(({ room, last_seq }) => [room, last_seq]));
}

// Waits until every subscriber has come as far as the tables are.
export async function waitComplete(instance, subscribers, ms = 30_000) {
  const heads = await counters(instance);
  const isBehind = (subscriber) => subscriber.rooms.some((room) => heads.has(room) && subscriber.last(room) < heads.get(room));
  await until(() => !subscribers.some(isBehind), 'the subscribers to be complete', ms).catch((error) => {
    const behind = subscribers.filter(isBehind).map((s) => s.rooms.map((room) => `${room} ${s.last(room)} of ${heads.get(room)}`).join(', '));
    throw new Error(`${error.message}: ${behind.join('; ')}`);
  });
}

// room → seq → the event's data, as the tables have it. Steps are compared with REST's, since programs print them.
async function renderLifecycles(instance) {
  const rows = await instance.psql(`
    SELECT 'session:' || e.session_id AS room, e.seq, session_event_json(e)::json AS data FROM session_events e
    UNION ALL SELECT 'stream:' || e.stream_id, e.seq, stream_event_json(e)::json FROM stream_events e`);
  return new Map(rows.map(({ room, seq, data }) => [`${room} ${seq}`, data]));
}

async function renderSteps(client, session) {
  const steps = new Map();
  for (let after = ''; ; ) {
    const { body } = (await client.get(`agent-sessions/${session}${after && `?after=${after}`}`)).expect(200);
    for (const step of body.steps) steps.set(step.id, step);
    if (!body.nextAfter) return { session: body.session, steps };
    after = body.nextAfter;
  }
}

function checkGapless(rows) {
  for (const { id, last_seq, numbers, distinct } of rows) {
    assert.equal(Number(numbers), Number(last_seq), `${id}: ${numbers} events, counter ${last_seq}`);
    assert.equal(Number(distinct), Number(last_seq), `${id}: a number twice`);
  }
}

// The tables themselves: every number of every room exactly once.
export async function checkTables(instance) {
  checkGapless(await instance.psql(`
    SELECT s.id, s.last_seq, count(n.seq) AS numbers, count(DISTINCT n.seq) AS distinct FROM agent_sessions s LEFT JOIN LATERAL (
      SELECT seq FROM session_events WHERE session_id = s.id
      UNION ALL SELECT start_seq FROM steps WHERE session_id = s.id
      UNION ALL SELECT end_seq FROM steps WHERE session_id = s.id AND end_seq <> start_seq) n ON true GROUP BY s.id, s.last_seq`));
  checkGapless(await instance.psql(`
    SELECT s.id, s.last_seq, count(e.seq) AS numbers, count(DISTINCT e.seq) AS distinct FROM streams s
    LEFT JOIN stream_events e ON e.stream_id = s.id GROUP BY s.id, s.last_seq`));
}

export async function checkWriters(client, writers) {
  for (const writer of writers) {
    for (const session of writer.sessions) {
      const { steps } = await renderSteps(client, session);
      for (const [id, acknowledged] of writer.acknowledged) {
        if (acknowledged.sessionId !== session) continue;
        const stored = steps.get(id);
        assert.ok(stored, `${session}: acknowledged step ${id} is lost`);
        assert.deepEqual(stored, acknowledged, `${session}: step ${id} differs from what was acknowledged`);
      }
    }
  }
}

export async function checkSubscribers(instance, client, subscribers) {
  const lifecycles = await renderLifecycles(instance);
  const traces = new Map();
  let compared = 0;
  for (const subscriber of subscribers) {
    assert.deepEqual(subscriber.violations, []);
    for (const [room, events] of subscriber.seen) {
      for (const { type, data } of events) {
        compared++;
        if (!STEP_EVENTS.has(type)) {
          assert.deepEqual(data, lifecycles.get(`${room} ${data.seq}`), `${room} ${data.seq}`);
          continue;
        }
        const session = room.slice('session:'.length);
        if (!traces.has(session)) traces.set(session, await renderSteps(client, session));
        checkStep(type, data, traces.get(session).steps.get(data.step.id));
      }
    }
  }
  return compared;
}

function checkStep(type, data, stored) {
  assert.ok(stored, `an event about step ${data.step.id}, which is not there`);
  if (type === 'agent_session:step:completed') {
    assert.equal(data.seq, stored.seq);
    assert.deepEqual(data.step, stored);
  } else {
    assert.equal(data.step.status, 'running');
    for (const field of ['id', 'sessionId', 'stepNumber', 'stepType', 'startedAt']) assert.equal(data.step[field], stored[field]);
  }
}
