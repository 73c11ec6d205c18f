// SPDX-License-Identifier: Apache-2.0
// What faults act on: an instance with a clock and a disk of its own, and its processes by name.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPrefix, makeState, start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { Clock } from './clock.mjs';
import { Disk } from './disk.mjs';

const run = promisify(execFile);
const DISK_MIB = 512;
// Few workers, so that killing them is soon noticed; short times, so that rounds are short.
const ENV = {
  TRACE_WORKERS: '8',
  TRACE_PUSHER_PING: '2',
  TRACE_PUSHER_CHECK: '1',
  TRACE_PUSHER_RING_EVENTS: '64',
  TRACE_HEARTBEAT_TIMEOUT: '60', // much less than the clocks jump
};
const SILENCE_MS = 3000;
const CLOCK_TICKS = 100; // a second, in /proc/PID/stat

export class World {
  fell = 0; // sessions that fell silent
  // `disk`: MiB for PostgreSQL.
  static async open({ disk = DISK_MIB } = {}) {
    const world = new World();
    const state = makeState();
    const prefix = await findPrefix();
    world.disk = new Disk(join(state, 'pg'), disk);
    try {
      world.disk.begin(join(prefix, 'template'));
      world.clock = new Clock(prefix, join(state, 'prefix'));
      world.instance = await start({ env: ENV, state, prefix: world.clock.prefix });
      world.agent = agentOf(world.instance);
      world.person = await personOf(world.instance);
      // The write-ahead log must not fill the disk before the fault does.
      await world.asSuperuser("ALTER SYSTEM SET max_wal_size = '256MB'");
      await world.asSuperuser('SELECT pg_reload_conf()');
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  async close() {
    const disk = this.disk.close();
    await this.instance?.stop();
    await disk;
  }

  socket(name) {
    return join(this.instance.state, 'sock', name);
  }

  async asSuperuser(sql) {
    const host = encodeURIComponent(join(this.instance.state, 'sock'));
    const { stdout } = await run('psql', [
      '-X',
      '-q',
      '-A',
      '-t',
      '-d',
      `postgresql://postgres@/postgres?host=${host}`,
      '-c',
      sql,
    ]);
    return stdout.trim();
  }

  // Rows, as soon as there is a database.
  psql(sql) {
    return until(() => this.instance.psql(sql).catch(() => undefined), `an answer to ${sql}`, 30_000);
  }

  // Waits until the sweeper has ended a session without heartbeats for its silence, whose limit is a second meanwhile: the
  // sweeper forgives what is silent for as long as the database has not been up. False if it did not end it, as while it
  // is killed.
  async fallSilent(session) {
    const limit = (seconds) => this.psql(`UPDATE agent_sessions SET silence_s = ${seconds} WHERE id = '${session}'`);
    const hasFailed = async () =>
      (await this.psql(`SELECT status FROM agent_sessions WHERE id = '${session}'`))[0].status === 'failed';
    await limit(1);
    const fell = await until(hasFailed, 'the sweeper', SILENCE_MS).then(
      () => true,
      () => false,
    );
    await limit(600);
    this.fell += fell ? 1 : 0;
    return fell;
  }

  // The workers of a program: the children of the process whose pid file it has. None while another fault has it killed.
  workers(name) {
    const parent = this.instance.pid(name);
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => parentOf(pid) === parent);
  }

  // A signal to one of its processes, or to a program by its name; if another fault has ended it meanwhile, to nobody.
  signal(pid, signal) {
    unlessGone(() => process.kill(pid, signal));
  }

  kill(name, signal = 'SIGKILL') {
    unlessGone(() => this.instance.kill(name, signal));
  }

  // Seconds of processor time that the process has had.
  cpu(pid) {
    const fields = statOf(pid).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
  }

  memory(pid) {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
  }

  descriptors(pid) {
    return readdirSync(`/proc/${pid}/fd`).length;
  }
}

function unlessGone(act) {
  try {
    act();
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// What follows the name in /proc/PID/stat: the name may hold anything.
function statOf(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1);
}

function parentOf(pid) {
  try {
    return Number(statOf(pid).split(' ')[1]);
  } catch {
    return 0; // it has ended meanwhile
  }
}
