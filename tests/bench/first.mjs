// SPDX-License-Identifier: Apache-2.0
// A room's first second on another machine: readers of machines 2 and 3 open rooms that nobody there has followed, and
// machine 1 writes into them from that moment on. Until NATS knows of the new interest hints do not come, and only the
// pusher's comparisons find what was written (goal: p99 under 600 ms). Measured from a step's acknowledgement until it is
// with the reader, with more and more rooms opened at once; `./run --machines 3` without the balancer, as root.
//
//     node tests/bench/first.mjs [rooms at once…]
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../cluster/cluster.mjs';
import { newId } from '../lib/ids.mjs';
import { openEvents } from '../lib/sse.mjs';
import { machine, quantile } from './machine.mjs';
import { table } from './table.mjs';

const loads = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 4, 16];
const FIRST_MS = 1000;
const PAUSE_MS = 20;
// Rooms of each load, in as many turns as that takes.
const ROOMS = 64;

// The pusher's regular comparison is far away, so that it mends nothing.
const cluster = await Cluster.open({ TRACE_PUSHER_CHECK: '30' });
const writer = cluster.agentAt(1);

// The delays in ms of a new room's first second.
async function firstSecond(reads) {
  const { session } = (await writer.post('agent-sessions', {})).expect(201).body;
  const reader = await openEvents(reads, [`session:${session.id}`]);
  await reader.wait('ready');
  const opened = performance.now();
  const delays = [];
  while (performance.now() - opened < FIRST_MS) {
    const body = { id: newId('stp'), stepType: 'thinking', completed: true, content: 'a step' };
    (await writer.post(`agent-sessions/${session.id}/steps`, body)).expect(201);
    const acknowledged = performance.now();
    const seen = reader.wait(({ data }) => data?.step?.id === body.id, 5000);
    delays.push(seen.then(({ at }) => Math.max(0, at - acknowledged)));
    await sleep(PAUSE_MS);
  }
  return Promise.all(delays).finally(() => reader.close());
}

try {
  const rows = [];
  for (const load of loads) {
    const all = [];
    for (let rooms = 0; rooms < ROOMS; rooms += load) {
      const opened = Array.from({ length: load }, (_, i) => firstSecond(cluster.agentAt(2 + (i & 1))));
      all.push(...(await Promise.all(opened)).flat());
    }
    const ms = (q) => quantile(all, q).toFixed(1);
    rows.push([load, all.length, ms(0.5), ms(0.9), ms(0.99), Math.max(...all).toFixed(1)]);
  }
  console.log(table([['rooms at once', 'steps', 'p50 ms', 'p90 ms', 'p99 ms', 'longest ms'], ...rows]));
  console.log(machine());
} finally {
  await cluster.close();
}
