// Processor time per delivered event of 300 bytes: the pusher beside a bare loop with one write per subscriber, nginx with
// nchan, and Socket.IO.
//
//     node tests/bench/fanout.mjs [subscribers…]
import { start } from '../lib/instance.mjs';
import { machine } from './machine.mjs';
import { nchan, socketIo } from './rivals.mjs';
import { QUIET, bareLoop, makeRooms, pusher } from './servers.mjs';
import { Stage } from './stage.mjs';
import { cpuTable } from './table.mjs';

const ROUNDS = 11;
const DELIVERIES = 80_000;

async function compare(instance, subscribers) {
  const stage = new Stage();
  try {
    const servers = [pusher(instance, await makeRooms(instance, 1)), await bareLoop(stage), await nchan(stage), await socketIo(stage)];
    const measured = await stage.load(servers, { subscribers, rounds: ROUNDS, events: Math.ceil(DELIVERIES / subscribers) });
    console.log(`\n${subscribers} subscribers of one room, medians of ${ROUNDS} rounds of ${DELIVERIES} deliveries`);
    console.log(cpuTable(servers, measured));
  } finally {
    await stage.stop();
  }
}

const instance = await start({ env: QUIET });
try {
  for (const subscribers of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 8000]) await compare(instance, subscribers);
  console.log(`\nCPU µs: user and kernel, per delivered event of 300 bytes. ms: from publishing to a reader, when each event waits for the last.\n${machine()}`);
} finally {
  await instance.stop();
}
