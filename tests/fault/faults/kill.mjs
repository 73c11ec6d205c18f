// SPDX-License-Identifier: Apache-2.0
// kill -9: of single workers, and of whole programs, which the supervisor starts anew.
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lib/patience.mjs';

const worker = (name) => ({
  name: `kill -9: workers of ${name}`,
  async act(world, round, random) {
    for (let i = 0; i < 3; i++) {
      await sleep(random.between(100, 400));
      const worker = await until(() => random.pick(world.workers(name)), `a worker of ${name}`);
      world.signal(worker, 'SIGKILL');
    }
  },
});

const program = (name) => ({
  name: `kill -9: ${name}`,
  async act(world, round, random) {
    for (let i = 0; i < 2; i++) {
      await sleep(random.between(150, 600));
      world.kill(name);
      await world.instance.waitRestart(name);
    }
  },
});

export default [
  worker('trace-api'),
  worker('workspace-api'),
  worker('nginx'),
  program('trace-api'),
  program('workspace-api'),
  program('trace-pusher'),
  program('nginx'),
  program('sweeper'),
  program('postgres'),
];
