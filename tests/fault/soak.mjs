// SPDX-License-Identifier: Apache-2.0
// Writers, readers and every fault, round after round, for the given number of minutes.
//
//     node tests/fault/soak.mjs [minutes] [seed]
//
// A round has its own number, which is its seed: it decides which faults come and when. One that fails prints the command
// that runs it alone; TRACE_FAULT_SEED does that. Ends with 0 if nothing was lost, doubled or out of order.
import { machine } from '../bench/machine.mjs';
import { chooseFaults, joinFaults } from './mix.mjs';
import { runRound } from './round.mjs';
import { Tally } from './tally.mjs';
import { World } from './world.mjs';

const SIZES = { writers: 8, steps: 20, readers: 32, steady: 8, followers: 8, haste: 0.5, pause: 60 };
const DISK_MIB = 2048; // half an hour's rows and what is written ahead

const [minutes = '30', chosen = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const single = process.env.TRACE_FAULT_SEED;
const first = Number(single ?? chosen);

const tally = new Tally();
const world = await World.open({ disk: DISK_MIB });
const end = performance.now() + Number(minutes) * 60_000;
try {
  console.log(single ? `round ${first}` : `${minutes} minutes, rounds from ${first} on: SEED=${first}`);
  for (let seed = first; single ? seed === first : performance.now() < end; seed++) {
    const list = chooseFaults(seed);
    const fault = joinFaults(list);
    const began = performance.now();
    try {
      tally.add(list, await runRound(world, seed, fault, SIZES), performance.now() - began);
    } catch (error) {
      tally.fail(list);
      process.exitCode = 1;
      console.log(
        `FAILED round ${seed}: ${fault.name}\n${error.stack}\nagain: TRACE_FAULT_SEED=${seed} node tests/fault/soak.mjs`,
      );
    }
    console.log(`round ${seed}: ${((performance.now() - began) / 1000).toFixed(1)} s, ${fault.name}; ${tally.line()}`);
  }
  console.log(tally.table());
  console.log(machine());
} finally {
  await world.close();
}
