// SPDX-License-Identifier: Apache-2.0
// A step that is written on one machine of a cluster, until it is with a reader of the same machine and of another: the
// machines of `./run --machines 3`, without the balancer. As root.
//
//     node tests/bench/machines.mjs [steps]
import { Cluster, MACHINES } from '../cluster/cluster.mjs';
import { openEvents } from '../lib/sse.mjs';
import { machine, quantile } from './machine.mjs';
import { table } from './table.mjs';

const [steps = '300'] = process.argv.slice(2);
const WARM = 20;

const cluster = await Cluster.open({ TRACE_PUSHER_CHECK: '3' });
try {
  const writer = cluster.agentAt(1);
  const { session } = (await writer.post('agent-sessions', {})).expect(201).body;
  const readers = await Promise.all(
    MACHINES.map(async (n) => {
      const stream = await openEvents(cluster.agentAt(n), [`session:${session.id}`]);
      await stream.wait('ready');
      return stream;
    }),
  );
  const delays = MACHINES.map(() => []);
  for (let i = 0; i < Number(steps) + WARM; i++) {
    const began = performance.now();
    const body = { stepType: 'thinking', completed: true, content: `step ${i}` };
    const { step } = (await writer.post(`agent-sessions/${session.id}/steps`, body)).expect(201).body;
    for (const n of MACHINES) {
      const { at } = await readers[n - 1].wait(({ data }) => data?.step?.id === step.id);
      if (i >= WARM) delays[n - 1].push(at - began);
    }
  }
  const ms = (values, q) => quantile(values, q).toFixed(1);
  console.log(
    table([
      ['reader on', 'p50 ms', 'p90 ms', 'p99 ms'],
      ...MACHINES.map((n) => [
        n === 1 ? "the writer's machine" : `machine ${n}`,
        ...[0.5, 0.9, 0.99].map((q) => ms(delays[n - 1], q)),
      ]),
    ]),
  );
  console.log(machine());
  for (const reader of readers) reader.close();
} finally {
  await cluster.close();
}
