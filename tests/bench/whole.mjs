// SPDX-License-Identifier: Apache-2.0
// Processor time per delivered event of 300 bytes over the whole path, as a reader behind TCP has it: nginx, the door and
// the pusher to which nginx hands the socket over; nginx with nchan; Socket.IO; a bare loop with one write per subscriber.
//
//     node tests/bench/whole.mjs [subscribers…]
import { freePort } from '../lib/instance.mjs';
import { compareServers } from './compare.mjs';
import { nchan, socketIo } from './rivals.mjs';
import { bareLoop, makeRooms, throughDoor } from './servers.mjs';

const servers = async (stage, instance) => [
  throughDoor(instance, await makeRooms(instance, 1)),
  await nchan(stage, await freePort()),
  await socketIo(stage),
  await bareLoop(stage),
];

await compareServers(servers, {
  deliveries: 80_000,
  cpu: "of nginx's workers and the server behind them, per delivered event",
});
