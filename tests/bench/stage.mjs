// SPDX-License-Identifier: Apache-2.0
// Where servers are compared: the programs that a benchmark starts, which end with it however it ends, in a directory of
// their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../lib/patience.mjs';
import { program } from './machine.mjs';
import { workersOf } from './processes.mjs';

export class Stage {
  directory = mkdtempSync(join(tmpdir(), 'agent-trace-bench-'));
  #children = new Set();

  constructor() {
    // nginx's workers, who may be nobody, come here too.
    chmodSync(this.directory, 0o755);
  }

  path(name) {
    return join(this.directory, name);
  }

  spawn(words, options = {}) {
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...words], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ...options,
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  // nginx with its files in a folder of that name; `conf` says `pid tmp/nginx.pid` and nothing outside. Returns its master.
  async nginx(name, conf) {
    const folder = this.path(name);
    mkdirSync(`${folder}/tmp`, { recursive: true });
    writeFileSync(`${folder}/nginx.conf`, conf);
    const master = this.spawn(['/usr/sbin/nginx', '-p', './', '-c', 'nginx.conf', '-e', 'stderr'], { cwd: folder });
    const workers = /^worker_processes (\w+);/m.exec(conf)[1];
    await until(
      () => workersOf(master.pid).length === (workers === 'auto' ? cpus().length : Number(workers)),
      "nginx's workers",
    );
    return master;
  }

  async stop() {
    // This walks through the set itself, from which those that have ended by then are gone.
    for (const child of this.#children) {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  // Opens the subscriptions of all servers that are not missing (tests/bench/load.c), calls `opened`, plays the rounds.
  // Returns what these measured, by server.
  async load(all, wishes, opened = () => {}) {
    const servers = all.filter(({ missing }) => !missing);
    const { subscribers, rooms = 1, rounds = 0, events = 0, ...rest } = wishes;
    const spec = JSON.stringify({
      subscribers,
      rooms,
      rounds,
      events,
      ...rest,
      servers: servers.map((server) => ({ ...server, pids: server.pids() })),
    });
    const child = this.spawn([await program('load'), spec], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const measured = new Map(servers.map(({ name }) => [name, []]));
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'open') {
        await opened();
        child.stdin.end();
      } else {
        const round = JSON.parse(line);
        measured.get(round.server).push(round);
      }
    }
    const [code] = await exit;
    if (code !== 0) throw new Error(`load ended with ${code}`);
    return measured;
  }
}
