// SPDX-License-Identifier: Apache-2.0
// Many rooms: 8,000 subscribers of 2,000 rooms and 4,000 events a second, each room in turn: processor seconds of the
// pusher beside nginx with nchan and as many channels.
//
//     node tests/bench/rooms.mjs [subscribers] [rooms] [events a second] [seconds]
import { start } from '../lib/instance.mjs';
import { machine, median } from './machine.mjs';
import { nchan } from './rivals.mjs';
import { QUIET, makeRooms, pusher } from './servers.mjs';
import { Stage } from './stage.mjs';
import { notMeasured, ratio, table } from './table.mjs';

const ROUNDS = 5;
const [subscribers = 8000, rooms = 2000, rate = 4000, seconds = 5] = process.argv.slice(2).map(Number);

const instance = await start({ env: QUIET });
const stage = new Stage();
try {
  const servers = [pusher(instance, await makeRooms(instance, rooms)), await nchan(stage)];
  const measured = await stage.load(servers, { subscribers, rooms, rate, rounds: ROUNDS, events: rate * seconds });
  const of = (name, what) => measured.get(name).map((round) => round[what]);
  const rows = servers.map(({ name, missing }) => {
    if (missing) return [name, '–', '–', '–', '–', '–'];
    const { p50, p99 } = measured.get(name).at(-1);
    return [
      name,
      median(of(name, 'cpu')).toFixed(2),
      ratio(of('pusher', 'cpu'), of(name, 'cpu')),
      median(of(name, 'seconds')).toFixed(1),
      p50,
      p99,
    ];
  });
  console.log(
    `\n${subscribers} subscribers of ${rooms} rooms, medians of ${ROUNDS} rounds of ${rate} events/s of 300 bytes for ${seconds} s, each room in turn`,
  );
  console.log(table([['', 'CPU s', 'ratio of pusher', 'took s', 'ms p50', 'p99'], ...rows]) + notMeasured(servers));
  console.log(`\nCPU s: user and kernel, of one round. ms: from publishing to a reader.\n${machine()}`);
} finally {
  await stage.stop();
  await instance.stop();
}
