// SPDX-License-Identifier: Apache-2.0
// Parts of a cluster are killed while agents write and readers come and go: every acknowledged write is there, and nobody
// misses an event or sees one twice. Prints how long writes stood still. `make soak-cluster` kills everything that can be.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reportIfSlow, until } from '../lib/patience.mjs';
import { Cluster, MACHINES, missing } from './cluster.mjs';
import { smoke } from './kills.mjs';
import { runKill } from './round.mjs';

const skip = missing();
const FIRST_SEED = 7001;
let cluster;
before(async () => {
  if (!skip) cluster = await Cluster.open();
});
after(() => cluster?.close());

test('the machines are named by files, and each serves by itself', { skip }, async () => {
  const { env } = cluster;
  assert.equal(env.TRACE_URL, cluster.instance.url);
  for (const n of [1, 2, 3]) {
    (await cluster.agentAt(n).get('agent-sessions')).expect(200);
    for (const name of ['nginx', 'trace-pusher', 'relay', 'nats', 'etcd', 'patroni', 'postgres'])
      process.kill(cluster.pid(`${name}-${n}`), 0);
  }
  assert.ok([1, 2, 3].includes(cluster.primary()));
});

// So many calls at once on each machine that every worker has one.
const onAllWorkers = (path) =>
  Promise.all(MACHINES.flatMap((n) => Array.from({ length: 24 }, () => cluster.agentAt(n).get(path))));

test('a primary that stood still and goes on answers nobody', { skip }, async (t) => {
  await onAllWorkers('agent-sessions');
  const n = cluster.primary();
  const database = cluster.databaseOf(n);
  try {
    for (const name of database) cluster.signal(name, 'SIGSTOP');
    await until(() => cluster.primary() !== n, 'another primary', 30_000);
    const written = () => cluster.agentAt(1).post('agent-sessions', {});
    const { id } = await until(async () => (await written()).body?.session, 'a write at its successor', 30_000);
    // Its Patroni stands still as yet, so that nobody ends it.
    cluster.signal(`postgres-${n}`, 'SIGCONT');
    const replies = await onAllWorkers(`agent-sessions/${id}`);
    const answered = (status) => replies.filter((reply) => reply.status === status).length;
    t.diagnostic(`${answered(200)} of ${replies.length} answers, ${answered(503)} × 503`);
    assert.equal(answered(404), 0, 'old answers');
    assert.ok(answered(200) > 0);
  } finally {
    for (const name of database) cluster.signal(name, 'SIGCONT');
  }
  await cluster.waitWhole();
});

for (const [i, kill] of smoke.entries()) {
  const seed = Number(process.env.TRACE_FAULT_SEED ?? FIRST_SEED + i);
  test(`${kill.name} (seed ${seed})`, { skip }, async (t) => {
    const result = await runKill(cluster, kill, seed);
    assert.ok(result.compared > 100, `${result.compared} events compared`);
    reportIfSlow(`writes to go on after ${kill.name}`, result.writes * 1000, kill.goal * 1000);
    t.diagnostic(JSON.stringify(result));
  });
}
