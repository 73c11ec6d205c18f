// SPDX-License-Identifier: Apache-2.0
// What readers see when things go wrong around the pusher: each number once and in order, equal to what the database
// renders, whatever is killed, stopped, cut off or slow.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../lib/instance.mjs';
import { stays, until } from '../lib/patience.mjs';
import { metric } from '../lib/metrics.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance;
let agent;
let open = [];

before(async () => {
  instance = await start({ env: { TRACE_PUSHER_CHECK: '1', TRACE_PUSHER_DRAIN: '1', TRACE_PUSHER_RING_EVENTS: '32' } });
  agent = agentOf(instance);
});
after(() => instance?.stop());
afterEach(() => {
  const all = open;
  open = [];
  for (const stream of all) stream.close();
  for (const stream of all) assert.deepEqual(stream.violations, []);
});

async function subscribe(rooms, options = { reconnect: true }) {
  const stream = await openEvents(agent, rooms, options);
  open.push(stream);
  return stream;
}

// Repeats a write with its id until it is acknowledged, as a client must.
async function insist(path, body) {
  const acknowledged = async () => {
    const reply = await agent.post(path, body).catch(() => undefined);
    if (reply && reply.status < 300) return reply.body;
    assert.ok(!reply || reply.status >= 500, `${path}: ${reply?.status} ${reply?.text}`);
    await sleep(50);
    return undefined;
  };
  return until(acknowledged, `the acknowledgement of ${path}`, 30_000);
}

const newSession = async () => (await insist('agent-sessions', {})).session;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const newId = (prefix) =>
  `${prefix}_0${Array.from({ length: 25 }, () => alphabet[Math.floor(Math.random() * 32)]).join('')}`;
const record = (session, content = 'x') =>
  insist(`agent-sessions/${session.id}/steps`, { id: newId('stp'), stepType: 'thinking', completed: true, content });

const numbers = (stream, room) =>
  stream.events.filter((e) => e.data?.room === room && e.data.seq).map((e) => e.data.seq);

async function lastSeq(session) {
  return (await instance.psql(`SELECT last_seq FROM agent_sessions WHERE id = '${session.id}'`))[0].last_seq;
}

// Every number from the one after the session's own start to the room's counter, once, in order.
async function complete(stream, session, last) {
  const room = `session:${session.id}`;
  last ??= await lastSeq(session);
  await until(
    () => numbers(stream, room).at(-1) >= last,
    `number ${last} of ${room}, at ${numbers(stream, room).at(-1)}`,
    15_000,
  );
  assert.deepEqual(
    numbers(stream, room),
    Array.from({ length: last - 1 }, (_, i) => i + 2),
  );
}

// Writers keep writing while `trouble(streams, writes)` happens; `await writes(n)` lets them write n steps more.
async function throughTrouble(trouble, readers = 8) {
  const sessions = await Promise.all(Array.from({ length: 3 }, newSession));
  const rooms = sessions.map((session) => `session:${session.id}`);
  const streams = await Promise.all(
    Array.from({ length: readers }, (_, i) => subscribe(i % 2 ? [rooms[i % 3]] : rooms)),
  );
  for (const stream of streams) await stream.wait('ready');
  let busy = true;
  let written = 0;
  const writers = sessions.flatMap((session) =>
    [1, 2].map(async () => {
      for (; busy; written++) await record(session);
    }),
  );
  const writes = (n) => {
    const enough = written + n;
    return until(() => written >= enough, `${n} more writes`, 30_000);
  };
  await trouble(streams, writes);
  busy = false;
  await Promise.all(writers);
  for (const [i, stream] of streams.entries())
    for (const [k, session] of sessions.entries()) if (i % 2 === 0 || i % 3 === k) await complete(stream, session);
}

test('readers are cut off again and again', async () => {
  await throughTrouble(async (streams, writes) => {
    for (let i = 0; i < 12; i++) {
      streams[Math.floor(Math.random() * streams.length)].cut();
      await writes(10);
    }
  });
});

test('the pusher is killed', async () => {
  await throughTrouble(async (streams, writes) => {
    await writes(30);
    instance.kill('trace-pusher');
    await instance.waitRestart('trace-pusher');
    await writes(30);
  });
});

test('the pusher is stopped for a while: hints are lost, and the counters show it', async () => {
  await throughTrouble(async (streams, writes) => {
    await writes(20);
    instance.kill('trace-pusher', 'SIGSTOP');
    // More than a socket holds.
    await writes(200);
    process.kill(instance.pid('trace-pusher'), 'SIGCONT');
    await writes(20);
  });
});

test('the pusher is terminated: streams end in time and resume', async () => {
  await throughTrouble(async (streams) => {
    const before = streams.map((stream) => stream.connections);
    instance.kill('trace-pusher', 'SIGTERM');
    await instance.waitRestart('trace-pusher');
    await until(() => streams.every((stream, i) => stream.connections > before[i]), 'everybody to come back');
  });
});

test('the database is restarted', async () => {
  await throughTrouble(async (streams, writes) => {
    await writes(30);
    instance.kill('postgres', 'SIGINT');
    await instance.waitRestart('postgres');
    await writes(30);
  });
});

test("the pusher's link is cut: what hints carry goes on", async () => {
  const session = await newSession();
  const stream = await subscribe([`session:${session.id}`]);
  await stream.wait('ready');
  await record(session);
  for (let i = 0; i < 5; i++) {
    await instance.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trace-pusher'",
    );
    await record(session);
    await stream.wait((e) => e.data?.seq === i + 3, 1000);
  }
  await complete(stream, session);
});

test('a reader who stops reading is refilled, in order, and costs no memory', async () => {
  const session = await newSession();
  const stream = await subscribe([`session:${session.id}`]);
  await stream.wait('ready');
  const { connections } = stream;
  stream.pause();
  for (let i = 0; i < 300; i++) await record(session, 'y'.repeat(15_000));
  const held = await metric(instance, 'trace_pusher_frame_bytes');
  assert.ok(held < 4_000_000, `${held} bytes`);
  stream.resume();
  await complete(stream, session);
  assert.equal(stream.connections, connections);
});

test('everybody comes back at once, and few queries are needed', async () => {
  const sessions = await Promise.all(Array.from({ length: 10 }, newSession));
  const streams = await Promise.all(
    Array.from({ length: 200 }, (_, i) => subscribe([`session:${sessions[i % 10].id}`])),
  );
  for (const stream of streams) await stream.wait('ready');
  instance.kill('trace-pusher');
  for (const session of sessions) for (let i = 0; i < 40; i++) await record(session);
  for (const [i, stream] of streams.entries()) await complete(stream, sessions[i % 10], 41);
  const asked = await metric(instance, 'trace_pusher_queries_total', { kind: 'events' });
  assert.ok(asked <= 60, `${asked} queries for events`);
});

test('a session whose last hint is lost does not seem to run for ever', async () => {
  const { session } = await insist('agent-sessions', { streamId: instance.env.TRACE_STREAM });
  const stream = await subscribe([`workspace:${instance.env.TRACE_WORKSPACE}`, `stream:${instance.env.TRACE_STREAM}`]);
  await stream.wait((e) => e.type === 'workspace:snapshot' && e.data.streams.some((s) => s.running === 1));
  await instance.psql(`WITH s AS (UPDATE agent_sessions SET status = 'failed', last_seq = last_seq + 1, completed_at = clock_timestamp(),
      error_code = 'x', error_message = 'y' WHERE id = '${session.id}' RETURNING *),
    e AS (INSERT INTO session_events SELECT id, last_seq, 'agent_session:failed', session_core_json(s) FROM s),
    c AS (UPDATE streams x SET last_seq = x.last_seq + 1 FROM s WHERE x.id = s.stream_id RETURNING x.last_seq)
    INSERT INTO stream_events(stream_id, seq, type, session_id, session)
    SELECT s.stream_id, c.last_seq, 'agent_session:failed', s.id, session_core_json(s) FROM s, c`);
  await stream.wait((e) => e.type === 'session:changed' && e.data.session.status === 'failed');
  await stream.wait((e) => e.type === 'stream:activity' && e.data.running === 0);
  await stream.wait((e) => e.type === 'agent_session:failed' && e.data.seq);
  // Several comparisons of the counters.
  await stays(() => stream.of('session:changed').length === 1, 'it is told once', 3000);
});

test('what hints have told is not told again', async () => {
  const { session } = await insist('agent-sessions', { streamId: instance.env.TRACE_STREAM });
  const stream = await subscribe([`workspace:${instance.env.TRACE_WORKSPACE}`]);
  await stream.wait('workspace:snapshot');
  await insist(`agent-sessions/${session.id}/complete`, {});
  await stream.wait((e) => e.type === 'session:changed' && e.data.session.status === 'completed');
  // Endings of the tests before may be told here too, but only while this session runs.
  const isToldOnce = () =>
    stream.of('session:changed').filter((e) => e.data.session.id === session.id).length === 1 &&
    stream.of('stream:activity').filter((e) => e.data.running === 0).length <= 1;
  await stays(isToldOnce, 'several comparisons of the counters tell nothing more', 4000);
  assert.equal(stream.of('stream:activity').filter((e) => e.data.running === 0).length, 1);
});

test('a database that has gone back is noticed: readers load the room again, and numbers that come again are delivered', async () => {
  const session = await newSession();
  const room = `session:${session.id}`;
  const stream = await subscribe([room]);
  for (let i = 0; i < 5; i++) await record(session, `lost ${i}`);
  await complete(stream, session, 6);
  // As a recovery leaves it that lost the last three commits and kept the epoch.
  await instance.psql(`DELETE FROM steps WHERE session_id = '${session.id}' AND start_seq > 3;
    UPDATE agent_sessions SET last_seq = 3, step_count = 2 WHERE id = '${session.id}'`);
  const reset = await stream.wait(({ type, data }) => type === 'reset' && data.room === room);
  assert.equal(reset.position, '3');
  const { step } = await record(session, 'again');
  const again = await stream.wait(({ data }) => data?.step?.id === step.id);
  assert.equal(again.data.seq, 4);
  assert.equal(stream.connections, 1);
  const line = /the database has gone back: room=session:\S+ known=6 now=3/;
  await until(() => line.test(instance.log('trace-pusher')), 'the line in the log');
});
