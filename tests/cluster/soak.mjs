// SPDX-License-Identifier: Apache-2.0
// Takes away every part of a cluster in turn, round after round, for the given number of minutes, at least each once.
//
//     node tests/cluster/soak.mjs [minutes] [seed] [part of their names]
//
// Prints after each round, and at the end for each kind the median and the longest pause of writes and of a stream, in
// seconds. Ends with 0 if nothing was lost, doubled or out of order.
import { machine } from '../bench/machine.mjs';
import { table } from '../bench/table.mjs';
import { Cluster } from './cluster.mjs';
import { kills as all } from './kills.mjs';
import { runKill } from './round.mjs';

const [minutes = '20', chosen = String(Date.now() % 1_000_000), pattern = ''] = process.argv.slice(2);
const kills = all.filter(({ name }) => name.includes(pattern));
const first = Number(chosen);
const results = new Map(kills.map(({ name }) => [name, []]));
const failed = new Map();
const cluster = await Cluster.open();
const end = performance.now() + Number(minutes) * 60_000;

const seconds = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length ? `${sorted[sorted.length >> 1].toFixed(1)} / ${sorted.at(-1).toFixed(1)}` : '';
};

try {
  console.log(`${minutes} minutes, rounds from ${first} on: SEED=${first}`);
  for (let n = 0; n < kills.length || performance.now() < end; n++) {
    const kill = kills[n % kills.length];
    try {
      const result = await runKill(cluster, kill, first + n);
      results.get(kill.name).push(result);
      console.log(`round ${n + 1}: ${kill.name}: ${JSON.stringify(result)}`);
    } catch (error) {
      failed.set(kill.name, (failed.get(kill.name) ?? 0) + 1);
      process.exitCode = 1;
      console.log(`FAILED round ${n + 1} (seed ${first + n}): ${kill.name}\n${error.stack}`);
      await cluster.waitWhole();
    }
  }
  console.log(
    table([
      ['taken away', 'rounds', 'failed', 'deliveries', 'writes paused', 'stream paused', 'goal'],
      ...kills.map(({ name, goal }) => {
        const rounds = results.get(name);
        const sum = rounds.reduce((total, { compared }) => total + compared, 0);
        const pauses = ['writes', 'stream'].map((of) => seconds(rounds.map((result) => result[of])));
        return [name, rounds.length, failed.get(name) ?? 0, sum, ...pauses, goal];
      }),
    ]),
  );
  console.log(machine());
} finally {
  await cluster.close();
}
