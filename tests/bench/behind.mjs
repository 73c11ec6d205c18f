// Processor time per delivered event of 300 bytes through nginx: nginx and the pusher, subscribed to through the door,
// beside a nginx of the same configuration and the bare loop with one write per subscriber.
//
//     node tests/bench/behind.mjs [subscribers…]
import { start } from '../lib/instance.mjs';
import { machine } from './machine.mjs';
import { QUIET, behindNginx, makeRooms, throughDoor } from './servers.mjs';
import { Stage } from './stage.mjs';
import { cpuTable } from './table.mjs';

const ROUNDS = 11;
const DELIVERIES = 40_000;

async function compare(instance, subscribers) {
  const stage = new Stage();
  try {
    const servers = [throughDoor(instance, await makeRooms(instance, 1)), await behindNginx(stage, instance)];
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
  console.log(`\nCPU µs: user and kernel, of nginx's workers and the server behind them, per delivered event. ms: from publishing to a reader, when each event waits for the last.\n${machine()}`);
} finally {
  await instance.stop();
}
