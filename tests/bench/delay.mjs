// SPDX-License-Identifier: Apache-2.0
// From commit to socket with 1,000 readers of one session and 50 events a second (goal: p50 under 2 ms, p99 under 5 ms), on an
// instance of its own. Prints the pusher's own histogram and what the readers saw. Nothing here can fail a build.
//
//     node tests/bench/delay.mjs [readers] [events per second] [seconds]
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { start } from '../lib/instance.mjs';
import { metrics } from '../lib/metrics.mjs';
import { agentOf } from '../lib/rest.mjs';
import { machine, program } from './machine.mjs';
import { MANY } from './servers.mjs';

const run = promisify(execFile);
const [readers = '1000', rate = '50', seconds = '20'] = process.argv.slice(2);

// The cumulative buckets of a Prometheus histogram: [[upper bound in s, count] …].
async function buckets(instance) {
  const found = [
    ...(await metrics(instance)).matchAll(
      /^trace_pusher_commit_to_socket_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)$/gm,
    ),
  ];
  return found.map(([, bound, count]) => [bound === '+Inf' ? Infinity : Number(bound), Number(count)]);
}

// The cumulative buckets of what was observed in between.
const since = (before, after) => after.map(([bound, count], i) => [bound, count - (before[i]?.[1] ?? 0)]);

// The share that kept to a bound, in percent.
const within = (counts, bound) => ((100 * counts.find(([upper]) => upper === bound)[1]) / counts.at(-1)[1]).toFixed(2);

// The upper bound of the bucket in which that share lies.
const quantile = (counts, share) => counts.find(([, count]) => count >= counts.at(-1)[1] * share)?.[0];

const instance = await start({ env: MANY });
try {
  const agent = agentOf(instance);
  const { session } = (await agent.post('agent-sessions', { title: 'delay' })).expect(201).body;
  const before = await buckets(instance);
  const words = [
    String(instance.port),
    instance.env.TRACE_WORKSPACE,
    session.id,
    instance.env.TRACE_TOKEN,
    readers,
    rate,
    seconds,
  ];
  const { stdout } = await run(await program('delay'), words, { maxBuffer: 1 << 20 });
  const counts = since(before, await buckets(instance));
  console.log(machine());
  process.stdout.write(stdout);
  console.log(
    `commit → the readers' sockets            p50 ≤ ${quantile(counts, 0.5) * 1000} ms   p99 ≤ ${quantile(counts, 0.99) * 1000} ms   ${within(counts, 0.005)} % within 5 ms   (the pusher's histogram, ${counts.at(-1)[1]} writes)`,
  );
} finally {
  await instance.stop();
}
