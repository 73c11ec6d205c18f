// SPDX-License-Identifier: Apache-2.0
// PostgreSQL is stopped, politely or at once, and started anew; its connections are cut.
import { setTimeout as sleep } from 'node:timers/promises';

const restart = (manner, signal) => ({
  name: `PostgreSQL restarted: ${manner}`,
  spares: true,
  async act(world, round, random) {
    await sleep(random.between(200, 600));
    world.kill('postgres', signal);
    await world.instance.waitRestart('postgres');
    await world.instance.waitHealthy();
    await sleep(random.between(200, 600));
  },
});

const terminate = {
  name: 'PostgreSQL: connections terminated',
  spares: true,
  async act(world, round, random) {
    for (let i = 0; i < 4; i++) {
      await sleep(random.between(200, 600));
      await world.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'trace_app'");
    }
  },
};

export default [restart('fast', 'SIGINT'), restart('immediate', 'SIGQUIT'), terminate];
