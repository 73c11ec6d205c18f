// SPDX-License-Identifier: Apache-2.0
// The database as a primary and a standby: when the primary is killed, or stands still without a word, and the standby is
// promoted, writes and streams go on without a restart of any program, and nothing that was acknowledged is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { Pair } from '../lib/pair.mjs';
import { reportIfSlow, until } from '../lib/patience.mjs';
import { agentOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

// Goal: writes go on this long after the standby is the primary.
const GOAL_MS = 5000;

// After this long without a call a connection proves itself (store/pg_proof.h).
const IDLE_MS = 3100;

let pair, instance, agent;
const streams = [];
before(async () => {
  pair = await Pair.open();
  const env = { TRACE_WORKERS: '6', TRACE_PUSHER_CHECK: '1', TRACE_HEARTBEAT_TIMEOUT: '3600' };
  instance = await start({ args: ['--database', pair.url], env });
  agent = agentOf(instance);
});
after(async () => {
  for (const stream of streams) stream.close();
  await instance?.stop();
  await pair?.close();
});

const stepOf = (content) => ({ id: newId('stp'), stepType: 'thinking', completed: true, content });

// Writes steps one after the other, each until it is acknowledged, and remembers those that were.
class Writer {
  acknowledged = [];
  refusals = new Set();
  #running = true;

  constructor(session) {
    this.path = `agent-sessions/${session.id}/steps`;
    this.done = this.#write();
  }

  async #write() {
    while (this.#running) {
      const step = stepOf(`step ${this.acknowledged.length}`);
      for (let acknowledged = false; !acknowledged; ) {
        const reply = await agent.post(this.path, step);
        acknowledged = reply.status === 201 || reply.status === 200;
        if (acknowledged) this.acknowledged.push({ id: step.id, at: performance.now() });
        else this.refusals.add(`${reply.status} ${reply.code}`);
        if (!acknowledged) await sleep(20);
      }
      await sleep(5);
    }
  }

  stop() {
    this.#running = false;
    return this.done;
  }
}

const newSession = () =>
  until(async () => (await agent.post('agent-sessions', {})).body.session, 'a session to be written', 20_000);

async function failsOver(fail) {
  const session = await newSession();
  const room = `session:${session.id}`;
  const stream = await openEvents(agent, [room], { reconnect: true });
  streams.push(stream);
  const writers = Array.from({ length: 4 }, () => new Writer(session));
  await until(() => writers.every((writer) => writer.acknowledged.length > 10), 'all writers to write');
  const programs = ['trace-api', 'workspace-api', 'trace-pusher', 'sweeper'];
  const pids = programs.map((name) => instance.pid(name));

  await fail(pair.primary);
  await pair.promote();
  const promoted = performance.now();
  const isGoingOn = (writer) => (writer.acknowledged.at(-1)?.at ?? 0) > promoted;
  await until(() => writers.every(isGoingOn), 'every writer to go on', GOAL_MS);
  const went = Math.max(...writers.map((writer) => writer.acknowledged.find(({ at }) => at > promoted).at - promoted));
  reportIfSlow('writes to go on after the promotion', went, GOAL_MS);
  await Promise.all(writers.map((writer) => writer.stop()));

  const ids = writers.flatMap((writer) => writer.acknowledged.map(({ id }) => id));
  const kept = new Set(
    (await instance.psql(`SELECT id FROM steps WHERE session_id = '${session.id}'`)).map((r) => r.id),
  );
  assert.deepEqual(
    ids.filter((id) => !kept.has(id)),
    [],
    'acknowledged, and lost',
  );
  for (const writer of writers)
    assert.deepEqual(
      [...writer.refusals].filter((refusal) => refusal !== '503 database_unavailable'),
      [],
    );

  const [{ last_seq: last }] = await instance.psql(`SELECT last_seq FROM agent_sessions WHERE id = '${session.id}'`);
  await stream.wait(({ data }) => data?.room === room && data.seq === last, 20_000);
  const seqs = stream.events.filter(({ data }) => data?.room === room && data.seq).map(({ data }) => data.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, i) => seqs[0] + i),
    'each number once, in order',
  );
  assert.deepEqual(stream.violations, []);
  assert.deepEqual(
    programs.map((name) => instance.pid(name)),
    pids,
    'no program was restarted',
  );
  return Math.round(went);
}

test('a primary that is killed: writes go on at the promoted standby', async (t) => {
  t.diagnostic(`writes went on ${await failsOver((primary) => primary.kill())} ms after the promotion`);
});

test('a primary that stands still: writes go on at the promoted standby', async (t) => {
  await pair.pairUp();
  const went = await failsOver((primary) => primary.signal('SIGSTOP'));
  t.diagnostic(`writes went on ${went} ms after the promotion`);
  await pair.standby.kill();
});

test('without a standby that confirms, nothing is acknowledged', async () => {
  await pair.pairUp();
  const session = await newSession();
  const path = `agent-sessions/${session.id}/steps`;
  (await agent.post(path, stepOf('before'))).expect(201);
  pair.standby.signal('SIGSTOP');

  const late = stepOf('nobody confirms this');
  assert.equal((await agent.post(path, late).then((reply) => reply.expect(503))).code, 'database_unavailable');

  // Told not to wait any longer, the commit succeeds on the primary alone, with a warning.
  const waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  const cancelled = stepOf('nor this');
  const writes = agent.post(path, cancelled);
  await until(async () => {
    await pair.primary.sql(`SELECT pg_cancel_backend(pid) ${waiting}`);
    return pair.primary.sql(`SELECT 1 FROM steps WHERE id = '${cancelled.id}'`, 'trace');
  }, 'the commit to be visible');
  assert.equal((await writes).expect(503).code, 'database_unavailable');
  assert.match(instance.log('trace-api'), /a commit was not confirmed by a standby/);

  pair.standby.signal('SIGCONT');
  for (const step of [late, cancelled])
    await until(
      async () => (await agent.post(path, step)).status < 300,
      'the repeated step to be acknowledged',
      20_000,
    );
  const steps = await instance.psql(`SELECT id FROM steps WHERE session_id = '${session.id}'`);
  assert.equal(steps.length, 3, 'each step once');
});

// Reads are answered, by the only server that is left, and no backend is left behind in a commit that nobody confirms.
test('without any standby, a read after a pause waits for none', async () => {
  const session = await newSession();
  await pair.standby.kill();
  const proofs =
    "FROM pg_stat_activity WHERE query LIKE '%pg_logical_emit_message%' AND backend_type = 'client backend'";
  await sleep(IDLE_MS);
  (await agent.get(`agent-sessions/${session.id}`)).expect(200);
  assert.equal(await pair.primary.sql(`SELECT count(*) ${proofs} AND wait_event = 'SyncRep'`), '0');
});
