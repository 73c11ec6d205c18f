// SPDX-License-Identifier: Apache-2.0
// The long form of the cluster's suite: under load, parts of the cluster are taken away in a random order, all of them before
// one comes again, for the given number of minutes and at least each once.
//
//     node tests/cluster/soak.mjs [minutes] [seed] [part of their names]
//
// A round has its own number, which is its seed. Prints a line after each round, with the command that runs it again if it
// failed, and at the end for each kind the median and the longest pause of writes and of a stream, in seconds. Ends with 0
// if nothing was lost, doubled or out of order. A quarter of an hour is to compare 10⁶ deliveries with the tables.
import { randomFrom } from '../fault/random.mjs';
import { machine } from '../bench/machine.mjs';
import { table } from '../bench/table.mjs';
import { Cluster } from './cluster.mjs';
import { kills as all } from './kills.mjs';
import { runKill } from './round.mjs';

// More of everything than the suite's rounds have.
const SIZES = { writers: 10, steps: 40, readers: 60, steady: 8, followers: 24, haste: 0.5, pause: 20 };

const [minutes = '15', chosen = String(Date.now() % 1_000_000), pattern = ''] = process.argv.slice(2);
const named = all.filter(({ name }) => name === pattern);
const kills = named.length > 0 ? named : all.filter(({ name }) => name.includes(pattern));
const first = Number(chosen);
const results = new Map(kills.map(({ name }) => [name, []]));
const failed = new Map();
const random = randomFrom(first);
const cluster = await Cluster.open();
const end = performance.now() + Number(minutes) * 60_000;

const waiting = [];
// The next of all in a random order.
function next() {
  if (waiting.length === 0) waiting.push(...kills);
  return waiting.splice(random.below(waiting.length), 1)[0];
}

const again = (seed, { name }) => `again: node tests/cluster/soak.mjs 0 ${seed} ${JSON.stringify(name)}`;
const sum = (of) => [...results.values()].flat().reduce((total, result) => total + result[of], 0);
const seconds = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length ? `${sorted[sorted.length >> 1].toFixed(1)} / ${sorted.at(-1).toFixed(1)}` : '';
};

try {
  console.log(`${minutes} minutes, rounds from ${first} on: SEED=${first}`);
  for (let n = 0; n < kills.length || performance.now() < end; n++) {
    const kill = next();
    try {
      const result = await runKill(cluster, kill, first + n, SIZES);
      results.get(kill.name).push(result);
      console.log(`round ${n + 1}: ${kill.name}: ${JSON.stringify(result)}; ${sum('compared')} deliveries`);
    } catch (error) {
      failed.set(kill.name, (failed.get(kill.name) ?? 0) + 1);
      process.exitCode = 1;
      console.log(`FAILED round ${n + 1}: ${kill.name}\n${error.stack}\n${again(first + n, kill)}`);
      await cluster.waitWhole();
    }
  }
  console.log(
    table([
      ['taken away', 'rounds', 'failed', 'deliveries', 'writes paused', 'stream paused', 'goal'],
      ...kills.map(({ name, goal }) => {
        const rounds = results.get(name);
        const deliveries = rounds.reduce((total, { compared }) => total + compared, 0);
        const pauses = ['writes', 'stream'].map((of) => seconds(rounds.map((result) => result[of])));
        return [name, rounds.length, failed.get(name) ?? 0, deliveries, ...pauses, goal];
      }),
    ]),
  );
  console.log(
    `${sum('compared')} deliveries of ${sum('distinct')} events, ${sum('retries')} calls repeated, ${sum('reconnects')} reconnections`,
  );
  console.log(machine());
} finally {
  await cluster.close();
}
