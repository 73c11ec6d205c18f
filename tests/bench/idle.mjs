// SPDX-License-Identifier: Apache-2.0
// Memory of an idle connection: what the server's processes grow by (proportional set size) and what the kernel does (slabs,
// stacks, socket buffers; both ends of the connection, so that half of it is the reader's), with 8,000 of them open.
//
//     node tests/bench/idle.mjs [connections]
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '../lib/instance.mjs';
import { machine } from './machine.mjs';
import { nchan, socketIo } from './rivals.mjs';
import { QUIET, bareLoop, makeRooms, pusher, throughDoor } from './servers.mjs';
import { Stage } from './stage.mjs';
import { notMeasured, spread, table } from './table.mjs';

const ROUNDS = 3;
const SETTLE_MS = 1000;
const PAGE_KIB = 4;
const connections = Number(process.argv[2] ?? 8000);

const number = (path, pattern) =>
  [...readFileSync(path, 'utf8').matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
const userKib = (pids) => pids.reduce((sum, pid) => sum + number(`/proc/${pid}/smaps_rollup`, /^Pss: +(\d+)/gm), 0);
const kernelKib = () =>
  number('/proc/meminfo', /^(?:Slab|KernelStack): +(\d+)/gm) + PAGE_KIB * number('/proc/net/sockstat', / mem (\d+)/g);

// A process that has had no connections yet has none of their memory either.
async function fresh(instance, ...names) {
  for (const name of names) {
    instance.kill(name);
    await instance.waitRestart(name);
  }
  await instance.waitHealthy();
  return makeRooms(instance, 1);
}

const kinds = [
  async (stage, instance) => pusher(instance, await fresh(instance, 'trace-pusher')),
  bareLoop,
  nchan,
  socketIo,
  async (stage, instance) => throughDoor(instance, await fresh(instance, 'trace-pusher', 'nginx')),
];

async function measure(make, instance) {
  const stage = new Stage();
  try {
    const server = await make(stage, instance);
    if (server.missing) return server;
    await sleep(SETTLE_MS);
    const before = { user: userKib(server.pids()), kernel: kernelKib() };
    await stage.load([server], { subscribers: connections }, async () => {
      await sleep(SETTLE_MS);
      server.user = (userKib(server.pids()) - before.user) / connections;
      server.kernel = (kernelKib() - before.kernel) / connections;
    });
    return server;
  } finally {
    await stage.stop();
    await sleep(SETTLE_MS);
  }
}

const instance = await start({ env: QUIET });
try {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const servers = [];
    for (const make of kinds) servers.push(await measure(make, instance));
    rounds.push(servers);
  }
  const rows = rounds[0].map(({ name, missing }, i) => {
    if (missing) return [name, '–', '–'];
    return [name, ...['user', 'kernel'].map((what) => spread(rounds.map((servers) => servers[i][what])))];
  });
  console.log(`\n${connections} idle connections, medians of ${ROUNDS} rounds (least–most)`);
  console.log(table([['', 'user KiB', 'kernel KiB'], ...rows]) + notMeasured(rounds[0]));
  console.log(
    `\nper connection; kernel: both ends, of the whole machine. Through nginx there are two connections each.\n${machine()}`,
  );
} finally {
  await instance.stop();
}
