// SIGSTOP: a program, or one of its workers, does nothing for a while and knows nothing of it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

function goOn(pid) {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // another fault has killed it meanwhile
  }
}

async function stopFor(pids, ms) {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await sleep(ms);
  } finally {
    for (const pid of pids) goOn(pid);
  }
}

const fault = (name, choose) => ({
  name: `stopped: ${name}`,
  spares: true,
  async act(world, round, random) {
    await sleep(random.between(100, 300));
    const pids = await choose(world, random);
    assert.ok(pids.length > 0 && pids.every((pid) => pid > 0), `there is ${name}`);
    await stopFor(pids, random.between(500, 2500));
    await sleep(200);
  },
});

const someWorkers = (name) => fault(`workers of ${name}`, (world, random) => world.workers(name).filter(() => random.next() < 0.5).concat(world.workers(name)[0]));
const program = (name) => fault(name, (world) => [world.instance.pid(name)]);

async function backend(world, random) {
  const rows = await world.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'trace_app' AND pid <> pg_backend_pid()");
  return [random.pick(rows).pid];
}

export default [
  someWorkers('trace-api'), someWorkers('workspace-api'), someWorkers('nginx'),
  program('trace-api'), program('workspace-api'), program('trace-pusher'), program('nginx'), program('sweeper'), program('postgres'),
  fault('a PostgreSQL backend', backend),
];
