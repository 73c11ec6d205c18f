// SPDX-License-Identifier: Apache-2.0
// A whole private instance for a test: its own database, sockets and port, by the same `run` that people use, with
// programs built beforehand. It ends with the test process, however that ends: `run` holds the other end of a pipe.
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { patience, until } from './patience.mjs';

// For the tests that need nothing else of patience.mjs.
export { until };

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const artefacts = process.env.TRACE_TEST_INSTANCES ?? join(root, 'tests', 'artefacts', 'instances');
const START_MS = 60_000;
const STOP_MS = 40_000;
// Ports below the range from which the kernel takes those of outgoing connections.
const [FIRST_PORT, PORTS] = [12_000, 20_000];

// A run of a test may be silent for long on a busy machine; who tests silence says how much of it is too much.
const USUAL = { TRACE_PUSHER_DRAIN: '0', TRACE_HEARTBEAT_TIMEOUT: '3600' };

let building;
let started = 0;

// Where the programs are installed: by `check`, or now.
export async function findPrefix() {
  if (process.env.TRACE_TEST_PREFIX) return process.env.TRACE_TEST_PREFIX;
  building ??= run(join(root, 'run'), ['--build-only', '--template'], { maxBuffer: 1 << 24 });
  return (await building).stdout.trim();
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// demo.env: NAME='value' a line, with '\'' for a quote.
function readEnv(path) {
  const env = {};
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const at = line.indexOf('=');
    env[line.slice(0, at)] = line.slice(at + 2, -1).replaceAll("'\\''", "'");
  }
  return env;
}

// What tests left that were killed: their instances have ended by themselves, their directories have not.
function removeForgotten() {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^agent-trace-test-(\d+)-/.exec(name);
    if (!owner || isAlive(Number(owner[1]))) continue;
    const path = join(tmpdir(), name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STOP_MS) rmSync(path, { recursive: true, force: true });
  }
}

export function makeState() {
  removeForgotten();
  const state = mkdtempSync(join(tmpdir(), `agent-trace-test-${process.pid}-`));
  // The user whom the programs run as must reach it.
  chmodSync(state, 0o755);
  return state;
}

class Instance {
  #child;
  #exit;
  #output;
  #options;
  #killed = new Map();

  constructor(state, port) {
    this.state = state;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  async launch(prefix, { env, demo, args }) {
    this.#options = { prefix, env, demo, args };
    this.#output = join(this.state, 'run.out');
    const output = openSync(this.#output, 'a');
    const before = this.output().length;
    const words = ['--prefix', prefix, '--state', this.state, '--port', String(this.port), '--until-eof', ...args];
    if (!demo) words.push('--no-demo');
    this.#child = spawn(join(root, 'run'), words, {
      stdio: ['pipe', output, output],
      env: { ...process.env, ...USUAL, ...env },
    });
    closeSync(output);
    this.#child.stdin.on('error', () => {});
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve));
    // A test that forgets to stop it must be able to end all the same; the pipe's end is the instance's end.
    this.#child.unref();
    this.#child.stdin.unref?.();
    let ended = false;
    this.#exit.then(() => (ended = true));
    await until(
      () => ended || this.output().includes('Agent Trace is running', before),
      'the instance to start',
      START_MS,
    ).catch((error) => Promise.reject(new Error(`${error.message}\n${this.output()}`)));
    if (ended) throw new Error(`the instance ended:\n${this.output()}`);
    this.env = readEnv(join(this.state, 'demo.env'));
  }

  output() {
    return readFileSync(this.#output, 'utf8');
  }

  log(name) {
    return readFileSync(join(this.state, 'logs', `${name}.log`), 'utf8');
  }

  // The process of that name as its pid file has it.
  pid(name) {
    return Number(readFileSync(join(this.state, 'pids', `${name}.pid`), 'utf8'));
  }

  // After its end, whatever that was: the same state once more.
  async again() {
    await this.ended;
    const { prefix, ...options } = this.#options;
    await this.launch(prefix, options);
  }

  // Resolves when the supervisor has ended.
  get ended() {
    this.#child.ref();
    return this.#exit;
  }

  // Where its programs are installed.
  get prefix() {
    return this.#options.prefix;
  }

  get supervisorPid() {
    return this.#child.pid;
  }

  kill(name, signal = 'SIGKILL') {
    const pid = this.pid(name);
    this.#killed.set(name, pid);
    process.kill(pid, signal);
    return pid;
  }

  // After kill(): the number of the process that took its place.
  waitRestart(name, ms = 15_000) {
    const look = () => {
      const pid = this.pid(name);
      return pid > 0 && pid !== this.#killed.get(name) && isAlive(pid) ? pid : 0;
    };
    return until(look, `${name} to be restarted`, ms);
  }

  // Until every program answers.
  waitHealthy(ms = 15_000) {
    const look = () =>
      fetch(`${this.url}/healthz`).then(
        (reply) => reply.arrayBuffer().then(() => reply.ok),
        () => false,
      );
    return until(look, 'the instance to be healthy', ms);
  }

  // Rows of a query as objects; of any other statement, none. With the owning role's rights.
  async psql(sql) {
    const isQuery = /^\s*(select|with|values|table)\b/i.test(sql) && !/\b(insert into|update|delete from)\b/i.test(sql);
    const text = isQuery ? `SELECT coalesce(json_agg(row), '[]') FROM (${sql.trim().replace(/;$/, '')}) row` : sql;
    const { stdout } = await run(
      'psql',
      ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', this.env.DATABASE_URL, '-c', text],
      {
        maxBuffer: 1 << 28,
      },
    );
    return isQuery ? JSON.parse(stdout) : [];
  }

  async stop() {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS * patience);
    await this.ended;
    clearTimeout(timer);
    this.#keepLogs();
    rmSync(this.state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #keepLogs() {
    const name = `${basename(process.argv[1] ?? 'node', '.test.mjs')}-${process.pid}-${++started}`;
    mkdirSync(artefacts, { recursive: true });
    if (existsSync(join(this.state, 'logs')))
      cpSync(realpathSync(join(this.state, 'logs')), join(artefacts, name), { recursive: true });
    cpSync(this.#output, join(artefacts, name, 'run.out'));
  }
}

// Starts an instance with an empty workspace (one person, one persona, #general, one token) or, with `demo`, with the
// example conversation, the demo model and the agent. `env`: configuration of its programs. `args`: more for `run`.
// `state`: a directory of the test's own, instead of a new one (makeState); `prefix`: its programs, instead of those that
// were built; `port`: one that was found before (freePort). The instance's own `env` has what demo.env says.
export async function start({ env = {}, demo = false, args = [], state, prefix, port } = {}) {
  prefix ??= await findPrefix();
  for (let attempt = 1; ; attempt++) {
    const instance = new Instance(state ?? makeState(), port ?? (await freePort()));
    try {
      await instance.launch(prefix, { env, demo, args });
      return instance;
    } catch (error) {
      await instance.stop();
      // Somebody was quicker to take the port.
      if (attempt < 3 && error.message.includes('is in use')) continue;
      throw error;
    }
  }
}
