// SPDX-License-Identifier: Apache-2.0
// Processor time per delivered event of 300 bytes that nginx proxies: nginx and the pusher, subscribed to through the door,
// beside a nginx of the same configuration and the bare loop with one write per subscriber.
//
//     node tests/bench/behind.mjs [subscribers…]
import { compareServers } from './compare.mjs';
import { behindNginx, makeRooms, throughDoor } from './servers.mjs';

const servers = async (stage, instance) => [
  throughDoor(instance, await makeRooms(instance, 1)),
  await behindNginx(stage, instance),
];

await compareServers(servers, {
  deliveries: 40_000,
  env: { TRACE_HANDOFF: '0' },
  cpu: "of nginx's workers and the server behind them, per delivered event",
});
