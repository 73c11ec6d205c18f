// SPDX-License-Identifier: Apache-2.0
// What is taken away from a cluster. Each has a name, the seconds within which writes should go on, and `act(cluster,
// random)`, which does it and returns what puts it right again, if it does not come back by itself.
import { until } from '../lib/patience.mjs';
import { MACHINES, WEB } from './cluster.mjs';

const webOf = (n) => WEB.map((name) => `${name}-${n}`);
const goneFrom = (cluster, n) => until(() => cluster.primary() !== n, 'another primary', 30_000);

const machine = {
  name: 'kill -9: everything of a web machine',
  goal: 3,
  async act(cluster, random) {
    cluster.kill(...webOf(random.pick(MACHINES)));
  },
};

const nats = {
  name: 'kill -9: a NATS server',
  goal: 1,
  async act(cluster, random) {
    cluster.kill(`nats-${random.pick(MACHINES)}`);
  },
};

const natsMajority = {
  name: 'kill -9: the majority of NATS',
  goal: 1,
  async act(cluster, random) {
    const left = random.pick(MACHINES);
    cluster.kill(...MACHINES.filter((n) => n !== left).map((n) => `nats-${n}`));
  },
};

const primary = {
  name: 'kill -9: the primary',
  goal: 10,
  async act(cluster) {
    const n = cluster.primary();
    cluster.kill(`postgres-${n}`);
    await goneFrom(cluster, n);
  },
};

const primaryMachine = {
  name: 'kill -9: the primary and its Patroni',
  goal: 20,
  async act(cluster) {
    const n = cluster.primary();
    cluster.signal(`database-${n}`, 'SIGSTOP');
    cluster.kill(`patroni-${n}`, `postgres-${n}`);
    await goneFrom(cluster, n);
    return () => cluster.signal(`database-${n}`, 'SIGCONT');
  },
};

const primaryStops = {
  name: 'SIGSTOP: the primary and its Patroni',
  goal: 20,
  async act(cluster) {
    const n = cluster.primary();
    for (const name of cluster.databaseOf(n)) cluster.signal(name, 'SIGSTOP');
    await goneFrom(cluster, n);
    return () => {
      for (const name of cluster.databaseOf(n)) cluster.signal(name, 'SIGCONT');
    };
  },
};

const cut = (direction, what) => ({
  name: `cut: the primary's machine ${what}`,
  goal: 20,
  async act(cluster) {
    const n = cluster.primary();
    cluster.cut(n, direction);
    await goneFrom(cluster, n).catch((error) => {
      cluster.heal(n);
      throw error;
    });
    return () => cluster.heal(n);
  },
});

const etcdLeader = {
  name: "kill -9: etcd's leader",
  goal: 1,
  async act(cluster) {
    cluster.kill(`etcd-${await cluster.etcdLeader()}`);
  },
};

export const kills = [
  machine,
  nats,
  natsMajority,
  etcdLeader,
  primary,
  primaryMachine,
  primaryStops,
  cut('input', 'hears nothing'),
  cut('output', 'is not heard'),
];

// Those that the suite has time for.
export const smoke = [machine, natsMajority, primary];
