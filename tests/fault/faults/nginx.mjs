// SPDX-License-Identifier: Apache-2.0
// nginx reloads its configuration: new workers start, while the old ones go on serving their streams.
import { setTimeout as sleep } from 'node:timers/promises';

const reload = {
  name: 'nginx reloaded',
  spares: true,
  async act(world, round, random) {
    for (let i = 0; i < 2; i++) {
      await sleep(random.between(300, 800));
      world.signal(world.instance.pid('nginx'), 'SIGHUP');
    }
    await sleep(500);
  },
};

export default [reload];
