// SPDX-License-Identifier: Apache-2.0
// SIGSTOP: a program, or one of its workers, stands still for a while without knowing.
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lib/patience.mjs';

async function stopFor(world, pids, ms) {
  for (const pid of pids) world.signal(pid, 'SIGSTOP');
  try {
    await sleep(ms);
  } finally {
    for (const pid of pids) world.signal(pid, 'SIGCONT');
  }
}

// `choose` may find nobody while another fault is at work.
const fault = (name, choose) => ({
  name: `stopped: ${name}`,
  spares: true,
  async act(world, round, random) {
    await sleep(random.between(100, 300));
    const isThere = async () => {
      const pids = await choose(world, random);
      return pids.length > 0 && pids;
    };
    await stopFor(world, await until(isThere, name), random.between(500, 2500));
    await sleep(200);
  },
});

const someWorkers = (name) =>
  fault(`workers of ${name}`, (world, random) => world.workers(name).filter((_, i) => i === 0 || random.next() < 0.5));
const program = (name) => fault(name, (world) => [world.instance.pid(name)]);

async function backend(world, random) {
  const rows = await world.psql(
    "SELECT pid FROM pg_stat_activity WHERE usename = 'trace_app' AND pid <> pg_backend_pid()",
  );
  return rows.length > 0 ? [random.pick(rows).pid] : [];
}

export default [
  someWorkers('trace-api'),
  someWorkers('workspace-api'),
  someWorkers('nginx'),
  program('trace-api'),
  program('workspace-api'),
  program('trace-pusher'),
  program('nginx'),
  program('sweeper'),
  program('postgres'),
  fault('a PostgreSQL backend', backend),
];
