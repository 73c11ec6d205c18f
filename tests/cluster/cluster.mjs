// SPDX-License-Identifier: Apache-2.0
// Three machines on this one, as `./run --machines 3` makes them, for tests that take parts of them away. It has what a
// round of the fault suite needs of its world (tests/fault/round.mjs).
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';

export const MACHINES = [1, 2, 3];
export const WEB = ['nginx', 'trace-api', 'workspace-api', 'ingest-api', 'trace-pusher', 'relay', 'sweeper'];
// Short times, so that rounds are short.
const ENV = { TRACE_PUSHER_PING: '2', TRACE_PUSHER_CHECK: '1', TRACE_PUSHER_RING_EVENTS: '64', TRACE_WORKERS: '4' };

// Why there can be none here; undefined if there can.
export const missing = () => (process.getuid() === 0 ? undefined : 'only root makes network namespaces');

export class Cluster {
  static async open(env = {}) {
    const cluster = new Cluster();
    cluster.instance = await start({ args: ['--machines', '3'], env: { ...ENV, ...env } });
    cluster.agent = agentOf(cluster.instance);
    cluster.person = await personOf(cluster.instance);
    return cluster;
  }

  close() {
    return this.instance?.stop();
  }

  get state() {
    return this.instance.state;
  }

  // The agent's client of one machine, without the balancer.
  agentAt(n) {
    return new Client(this.env[`TRACE_URL_${n}`], {
      token: this.instance.env.TRACE_TOKEN,
      workspace: this.instance.env.TRACE_WORKSPACE,
    });
  }

  get env() {
    const words = readFileSync(join(this.state, 'cluster.env'), 'utf8').matchAll(/^(\w+)='(.*)'$/gm);
    return Object.fromEntries([...words].map(([, name, value]) => [name, value]));
  }

  // The process of that name now; a file may be about to be written.
  pid(name) {
    return Number(readFileSync(join(this.state, 'pids', name), 'utf8').split('\n')[0]);
  }

  // The number of the PostgreSQL primary.
  primary() {
    return Number(readFileSync(join(this.state, 'primary'), 'utf8'));
  }

  // When a standby began to confirm the commits of that machine's PostgreSQL, the first time after `since` (Date.now()).
  confirmedAt(n, since) {
    const log = readFileSync(join(this.state, 'logs', `patroni-${n}`, `patroni-${n}.log`), 'utf8');
    const times = [...log.matchAll(/^(\S+) (\S+) UTC .* is now a synchronous standby/gm)];
    return times.map(([, day, time]) => Date.parse(`${day}T${time}Z`)).find((at) => at >= since);
  }

  // The signal to that process and all that came of it.
  signal(name, signal) {
    for (const pid of family(this.pid(name))) unlessGone(() => process.kill(pid, signal));
  }

  kill(...names) {
    for (const name of names) this.signal(name, 'SIGKILL');
  }

  // PostgreSQL, the Patroni that looks after it, and whoever would start them anew.
  databaseOf(n) {
    return [`database-${n}`, `patroni-${n}`, `postgres-${n}`];
  }

  // The machine that leads etcd.
  async etcdLeader() {
    const leads = async (n) => {
      const reply = await fetch(`http://${this.addressOf(n)}:2379/v2/stats/self`);
      return (await reply.json()).state === 'StateLeader';
    };
    for (const n of MACHINES) if (await leads(n)) return n;
    throw new Error('etcd has no leader');
  }

  addressOf(n) {
    return new URL(this.env[`TRACE_URL_${n}`]).hostname;
  }

  // What comes to that machine is dropped (`input`), or what it sends (`output`), until heal().
  cut(n, direction) {
    const rules = `table inet cut { chain c { type filter hook ${direction} priority 0; iif lo accept; drop; }; }`;
    this.#nft(n, rules.replace('iif', direction === 'output' ? 'oif' : 'iif'));
  }

  heal(n) {
    this.#nft(n, 'delete table inet cut');
  }

  #nft(n, rules) {
    execFileSync('ip', ['netns', 'exec', this.#netns(n), 'nft', rules]);
  }

  #netns(n) {
    const [data] = realpathSync(join(this.state, 'primary')).split('/notes/');
    return `${data.split('/').at(-1)}-${n}`;
  }

  // What a round of the fault suite asks of its world.

  async fallSilent() {
    return false;
  }

  // Until all three serve, and a standby confirms commits of which Patroni knows that it may be promoted.
  async waitWhole(ms = 60_000) {
    const serves = async (n) => {
      const reply = await fetch(`${this.env[`TRACE_URL_${n}`]}/healthz`, { signal: AbortSignal.timeout(2000) });
      return (await reply.text()).includes('degraded') ? false : reply.ok;
    };
    await until(
      async () => (await Promise.all(MACHINES.map((n) => serves(n).catch(() => false)))).every(Boolean),
      'all machines to serve',
      ms,
    );
    const standbys = "SELECT count(*)::int AS n FROM pg_stat_replication WHERE state = 'streaming'";
    await until(
      async () => (await this.instance.psql(standbys).catch(() => [{ n: 0 }]))[0].n === 2,
      'both standbys to follow',
      ms,
    );
    const members = async () => {
      const reply = await fetch(`http://${this.addressOf(this.primary())}:8008/cluster`);
      return (await reply.json()).members;
    };
    const isNamed = async () => (await members().catch(() => [])).some(({ role }) => role === 'sync_standby');
    await until(isNamed, 'a standby that may be promoted', ms);
  }
}

// The process, its children, and theirs.
function family(pid) {
  const parents = new Map();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(entry);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
  }
  const all = [pid];
  for (const one of all) all.push(...(parents.get(one) ?? []));
  return all;
}

function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
  } catch {
    return 0; // it has ended meanwhile
  }
}

function unlessGone(act) {
  try {
    act();
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
