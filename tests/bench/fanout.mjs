// SPDX-License-Identifier: Apache-2.0
// Processor time per delivered event of 300 bytes: the pusher beside a bare loop with one write per subscriber, nginx with
// nchan, and Socket.IO.
//
//     node tests/bench/fanout.mjs [subscribers…]
import { compareServers } from './compare.mjs';
import { nchan, socketIo } from './rivals.mjs';
import { bareLoop, makeRooms, pusher } from './servers.mjs';

const servers = async (stage, instance) => [
  pusher(instance, await makeRooms(instance, 1)),
  await bareLoop(stage),
  await nchan(stage),
  await socketIo(stage),
];

await compareServers(servers, { deliveries: 80_000, cpu: 'per delivered event of 300 bytes' });
