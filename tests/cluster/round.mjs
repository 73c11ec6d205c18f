// SPDX-License-Identifier: Apache-2.0
// A round of the fault suite on a cluster: agents write by the balancer, readers come and go, and something is taken away.
// Every acknowledged write is there, and each reader has each number once and in order (tests/fault/oracle.mjs). Says how
// long writes and streams stood still, and of that, where the primary was replaced, after how many seconds there was another
// one (Patroni's part) and after how many a standby confirmed its commits; from then on it is ours.
import { runRound } from '../fault/round.mjs';
import { until } from '../lib/patience.mjs';
import { Probe } from './probe.mjs';

const SIZES = { writers: 6, steps: 8, readers: 12, steady: 4, followers: 3, haste: 0.5, pause: 60 };
// So many writes of the probe before and afterwards.
const BEFORE = 10;
const AFTER = 20;

export async function runKill(cluster, kill, seed, sizes = SIZES) {
  let pauses, phases;
  const fault = {
    async act(world, round, random) {
      const probe = await Probe.open(cluster.agent);
      let undo;
      try {
        await until(() => probe.since(0) >= BEFORE, 'writes before', 10_000);
        const former = cluster.primary();
        const at = Date.now();
        const began = performance.now();
        undo = await kill.act(cluster, random);
        const replaced = (performance.now() - began) / 1000;
        await until(() => probe.since(performance.now() - 500) > 0, 'writes to go on', 30_000);
        const went = performance.now();
        await until(() => probe.since(went) >= AFTER, 'writes afterwards', 30_000);
        pauses = probe.pauses(began);
        const now = cluster.primary();
        if (now !== former) phases = { replaced, confirmed: (cluster.confirmedAt(now, at) - at) / 1000 };
      } finally {
        await probe.close();
        await undo?.();
      }
      await cluster.waitWhole();
    },
  };
  const world = {
    agent: cluster.agent,
    person: cluster.person,
    instance: cluster.instance,
    fallSilent: () => cluster.fallSilent(),
  };
  return { ...(await runRound(world, seed, fault, sizes)), ...pauses, ...phases };
}
