// nginx reads its configuration anew: new workers, while the old ones serve their streams on.
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
