// SPDX-License-Identifier: Apache-2.0
// Servers of PostgreSQL on ports of this machine: a primary and a standby that confirms each commit and can be promoted, or
// one alone. They end with the test process, as their standard input does.
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, makeState } from './instance.mjs';
import { until } from './patience.mjs';

const run = promisify(execFile);
export const USER = 'agent-trace';

function newestPrograms() {
  const versions = readdirSync('/usr/lib/postgresql').map(Number).filter(Boolean);
  return `/usr/lib/postgresql/${Math.max(...versions)}/bin`;
}

// PostgreSQL refuses root, as our programs do; otherwise everything is ours.
export const asUser = (words) =>
  process.getuid() === 0 ? ['setpriv', '--reuid', USER, '--regid', USER, '--init-groups', ...words] : words;

async function runProgram(bin, name, ...args) {
  const [program, ...rest] = asUser([`${bin}/${name}`, ...args]);
  await run(program, rest, { cwd: '/' });
}

// A new cluster with the roles and the database of Agent Trace.
async function makeCluster(server, options) {
  const { state, bin } = server.pair;
  if (process.getuid() === 0) execFileSync('chown', [USER, state]);
  await runProgram(bin, 'initdb', '-D', server.directory, '-U', 'postgres', '--auth=trust', '--no-sync');
  await server.start(options);
  await server.sql('CREATE ROLE trace_app LOGIN');
  await server.sql('CREATE ROLE trace_owner LOGIN CREATEDB IN ROLE pg_signal_backend, pg_monitor, trace_app');
  await server.sql('CREATE DATABASE trace OWNER trace_owner');
}

class Server {
  constructor(pair, name, port) {
    Object.assign(this, { pair, name, port, directory: join(pair.state, name) });
  }

  // `confirming`: a commit waits for the standby. `more`: settings beside these.
  async start({ confirming = false, more = {} } = {}) {
    const log = openSync(join(this.pair.state, `${this.name}.log`), 'a');
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.pair.state,
      synchronous_standby_names: confirming ? '*' : '',
      wal_keep_size: '256MB',
      wal_sender_timeout: '5s',
      wal_receiver_status_interval: '1s',
      shared_buffers: '32MB',
      max_connections: 100,
      log_min_error_statement: 'panic',
      ...more,
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    // A shell around it ends it when this process is gone.
    const script = '"$@" & pid=$!; (cat >/dev/null; kill -CONT $pid; kill -INT $pid) <&3 & wait $pid; kill $!';
    const command = ['bash', '-c', `exec 3<&0 </dev/null; ${script}`, 'postgres'];
    const [program, ...args] = asUser([...command, `${this.pair.bin}/postgres`, '-D', this.directory, ...words]);
    this.child = spawn(program, args, { stdio: ['pipe', log, log] });
    this.child.stdin.on('error', () => {});
    this.child.unref();
    this.child.stdin.unref?.();
    closeSync(log);
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
    await until(() => this.sql('SELECT 1').catch(() => undefined), `PostgreSQL at ${this.port} to answer`, 20_000);
  }

  get ended() {
    this.child.ref();
    return this.exit;
  }

  async sql(sql, database = 'postgres') {
    const url = `postgresql://postgres@127.0.0.1:${this.port}/${database}?connect_timeout=2`;
    return (await run('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql])).stdout.trim();
  }

  // The postmaster first, then its children.
  pids() {
    const postmaster = Number(readFileSync(join(this.directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' });
    return [postmaster, ...children.trim().split(/\s+/).filter(Boolean).map(Number)];
  }

  signal(signal) {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  async kill() {
    if (!this.child) return;
    this.signal('SIGKILL');
    this.child.stdin.end();
    await this.ended;
    this.child = undefined;
  }

  async stop() {
    process.kill(this.pids()[0], 'SIGINT');
    await this.ended;
  }

  promote() {
    return this.sql('SELECT pg_promote(true)');
  }
}

export class Pair {
  static async open() {
    const pair = new Pair();
    pair.state = makeState();
    pair.bin = newestPrograms();
    pair.servers = [new Server(pair, 'a', await freePort()), new Server(pair, 'b', await freePort())];
    [pair.primary, pair.standby] = pair.servers;
    await makeCluster(pair.primary);
    await pair.pairUp();
    return pair;
  }

  // The owner's URL, with a host that must be looked up.
  get url() {
    const hosts = this.servers.map((server) => `127.1:${server.port}`).join(',');
    return `postgresql://trace_owner@${hosts}/trace?target_session_attrs=read-write`;
  }

  // Makes the standby anew from the primary, which from then on waits for it.
  async pairUp() {
    rmSync(this.standby.directory, { recursive: true, force: true });
    mkdirSync(this.standby.directory, { mode: 0o700 });
    if (process.getuid() === 0) execFileSync('chown', [USER, this.standby.directory]);
    const source = `postgresql://postgres@127.0.0.1:${this.primary.port}`;
    await runProgram(
      this.bin,
      'pg_basebackup',
      '-D',
      this.standby.directory,
      '-d',
      source,
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
    );
    await this.standby.start();
    await this.primary.stop();
    await this.primary.start({ confirming: true });
    const isConfirming = () =>
      this.primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')");
    await until(async () => (await isConfirming()) === '1', 'the standby to confirm commits', 20_000);
  }

  // The standby takes the place of the primary.
  async promote() {
    await this.standby.promote();
    [this.primary, this.standby] = [this.standby, this.primary];
  }

  async close() {
    for (const server of this.servers) await server.kill();
    rmSync(this.state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

// One server that archives its log, can be backed up, and recovered to a point in time, as docs/operate.md says.
export class Archived {
  static async open() {
    const archived = new Archived();
    archived.state = makeState();
    archived.bin = newestPrograms();
    archived.archive = join(archived.state, 'archive');
    archived.backup = join(archived.state, 'backup');
    archived.server = new Server(archived, 'main', await freePort());
    mkdirSync(archived.archive);
    if (process.getuid() === 0) execFileSync('chown', [USER, archived.archive]);
    const command = `test ! -f ${archived.archive}/%f && cp %p ${archived.archive}/%f`;
    await makeCluster(archived.server, { more: { archive_mode: 'on', archive_command: command } });
    return archived;
  }

  get url() {
    return `postgresql://trace_owner@127.0.0.1:${this.server.port}/trace`;
  }

  async takeBackup() {
    const source = `postgresql://postgres@127.0.0.1:${this.server.port}`;
    await runProgram(this.bin, 'pg_basebackup', '-D', this.backup, '-d', source, '-c', 'fast');
  }

  // Until all that was written so far is in the archive.
  async archiveAll() {
    const last = await this.server.sql('SELECT pg_walfile_name(pg_switch_wal())');
    await until(() => existsSync(join(this.archive, last)), 'the log to be archived', 20_000);
  }

  // The machine is lost; what comes in its place has the backup and the archive, and goes on from `time`.
  async recover(time) {
    await this.server.kill();
    renameSync(this.server.directory, join(this.state, 'lost'));
    renameSync(this.backup, this.server.directory);
    writeFileSync(join(this.server.directory, 'recovery.signal'), '');
    await this.server.start({
      more: {
        restore_command: `cp ${this.archive}/%f %p`,
        recovery_target_time: time,
        recovery_target_action: 'promote',
      },
    });
    await until(
      async () => (await this.server.sql('SELECT pg_is_in_recovery()')) === 'f',
      'the recovery to end',
      20_000,
    );
  }

  async close() {
    await this.server.kill();
    rmSync(this.state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
