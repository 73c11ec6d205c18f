// SPDX-License-Identifier: Apache-2.0
// What several servers take for an event to each subscriber of one room, for the numbers of subscribers that the command
// line names: the part that fanout.mjs and behind.mjs have in common.
import { start } from '../lib/instance.mjs';
import { machine } from './machine.mjs';
import { QUIET } from './servers.mjs';
import { Stage } from './stage.mjs';
import { cpuTable } from './table.mjs';

const ROUNDS = 11;

// `open(stage, instance)`: the servers. `cpu`: whose processor time that is, for the reader of the table. `env`: of the
// instance.
export async function compareServers(open, { deliveries, cpu, env = {} }) {
  const instance = await start({ env: { ...QUIET, ...env } });
  try {
    for (const subscribers of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 8000]) {
      const stage = new Stage();
      try {
        const servers = await open(stage, instance);
        const measured = await stage.load(servers, {
          subscribers,
          rounds: ROUNDS,
          events: Math.ceil(deliveries / subscribers),
        });
        console.log(
          `\n${subscribers} subscribers of one room, medians of ${ROUNDS} rounds of ${deliveries} deliveries`,
        );
        console.log(cpuTable(servers, measured));
      } finally {
        await stage.stop();
      }
    }
    console.log(
      `\nCPU µs: user and kernel, ${cpu}. ms: from publishing to a reader, when each event waits for the last.\n${machine()}`,
    );
  } finally {
    await instance.stop();
  }
}
