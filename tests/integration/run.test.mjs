// SPDX-License-Identifier: Apache-2.0
// `run` as its users see it: what it leaves in the state directory, what it refuses, and how it ends.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, makeState, start } from '../lib/instance.mjs';
import { giveUpAfter, reportIfSlow, until } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { Asker, only, startScriptedModel } from './agent_stage.mjs';

const command = fileURLToPath(new URL('../../run', import.meta.url));
const programs = ['nginx', 'trace-api', 'workspace-api', 'ingest-api', 'trace-pusher', 'sweeper', 'postgres'];

let instance;
before(async () => (instance = await start()));
after(() => instance?.stop());

// The processes of an instance: those that have its mark open.
function processes(state) {
  const mark = join(state, 'mark');
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === mark);
      } catch {
        return false; // it has ended meanwhile
      }
    });
}

// Runs `run` where it must refuse; its status and what it said.
function refused(...args) {
  return new Promise((resolve) => {
    execFile(
      command,
      ['--prefix', process.env.TRACE_TEST_PREFIX ?? 'build/prefix', '--no-demo', ...args],
      { timeout: giveUpAfter(20_000) },
      (error, out, err) => resolve({ status: error?.code ?? 0, said: out + err }),
    );
  });
}

test('demo.env is for a shell, and for its owner only', () => {
  const path = join(instance.state, 'demo.env');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const names = [
    'TRACE_URL',
    'TRACE_WORKSPACE',
    'TRACE_STREAM',
    'TRACE_PERSONA',
    'TRACE_TOKEN',
    'TRACE_EMAIL',
    'TRACE_PASSWORD',
    'DATABASE_URL',
  ];
  const printed = execFileSync(
    '/bin/sh',
    ['-c', `. "$1"; for n in ${names.join(' ')}; do eval "printf '%s\\n' \\"\\$$n\\""; done`, 'sh', path],
    { encoding: 'utf8' },
  );
  assert.deepEqual(
    printed.trim().split('\n'),
    names.map((name) => instance.env[name]),
  );
  assert.equal(
    execFileSync('psql', [instance.env.DATABASE_URL, '-XAtc', 'SELECT current_user'], { encoding: 'utf8' }).trim(),
    'trace_owner',
  );
});

test('every program has its pid file and its log, and none runs as root', () => {
  assert.deepEqual(readdirSync(join(instance.state, 'pids')).sort(), programs.map((name) => `${name}.pid`).sort());
  for (const name of programs) {
    const status = readFileSync(`/proc/${instance.pid(name)}/status`, 'utf8');
    const [real, effective, saved] = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(status).slice(1).map(Number);
    if (process.getuid() === 0) assert.ok(real > 0 && effective > 0 && saved > 0, `${name} runs as root`);
    assert.match(status, /^NoNewPrivs:\s+1$/m, name);
    assert.match(status, /^CapEff:\s+0+$/m, name);
    assert.ok(existsSync(join(instance.state, 'logs', `${name}.log`)), `${name} has a log`);
  }
});

test('private files of the programs cannot be read by others', () => {
  // As root nginx is a user of its own, which passes through `sock` to those of its sockets that have its group.
  const sock = process.getuid() === 0 ? 0o2710 : 0o700;
  for (const [name, mode] of [
    ['sock', sock],
    ['pg', 0o700],
    ['tmp', 0o700],
    ['programs', 0o600],
    ['seed.env', 0o600],
  ])
    assert.equal(statSync(join(instance.state, name)).mode & 0o7777, mode, name);
});

test('a second run of the same state is refused, and disturbs nothing', async () => {
  const { status, said } = await refused('--state', instance.state, '--port', String(await freePort()));
  assert.equal(status, 1);
  assert.match(said, /already running/);
  await instance.waitHealthy(1000);
});

test('a port in use is reported before anything starts', async () => {
  const state = join(instance.state, 'another');
  const { status, said } = await refused('--state', state, '--port', String(instance.port));
  assert.equal(status, 1);
  assert.match(said, /port \d+ is in use/);
  assert.ok(!existsSync(join(state, 'pg')));
});

test('wrong options are refused', async () => {
  for (const args of [
    ['--port', '80'],
    ['--port', 'x'],
    ['--nonsense'],
    ['--state'],
    ['--model', 'nonsense'],
    ['--database', 'nonsense'],
    ['--agent', 'Theseus'],
    ['--agent', 'Theseus='],
    ['--agent', 'Theseus=/nonexistent/file'],
    ['--agent', 'The=seus=http://127.0.0.1:1/v1', '--agent', 'The=http://127.0.0.1:1/v1'],
    ['--agent', 'Ariadne=http://127.0.0.1:1/v1'],
    ['--agent', '../x=http://127.0.0.1:1/v1'],
  ]) {
    const { status, said } = await refused(...args);
    assert.notEqual(status, 0, args.join(' '));
    assert.ok(said.includes(args[0]), said);
  }
});

test('an unusable database is reported before anything is built', async () => {
  const state = join(instance.state, 'without');
  const { status, said } = await refused(
    '--state',
    state,
    '--port',
    String(await freePort()),
    '--database',
    'postgresql:///none?host=/nonexistent',
  );
  assert.equal(status, 1);
  assert.match(said, /nonexistent[^]*run: --database: cannot use it\n$/);
  assert.ok(!existsSync(state));
});

for (const name of programs)
  test(`${name} is killed: it comes back, its pid file follows, and nothing of the old process stays`, async () => {
    const group = instance.pid(name);
    instance.kill(name);
    const pid = await instance.waitRestart(name);
    await instance.waitHealthy();
    assert.notEqual(pid, group);
    const groups = processes(instance.state).map(
      (other) => readFileSync(`/proc/${other}/stat`, 'utf8').split(') ')[1].split(' ')[2],
    );
    assert.ok(!groups.includes(String(group)), 'a process of the old group');
  });

test('kill -9 of the supervisor leaves nothing running; the next run finds everything that was acknowledged', async () => {
  const agent = agentOf(instance);
  const { session } = (await agent.post('agent-sessions', { title: 'kept' })).expect(201).body;
  process.kill(instance.supervisorPid, 'SIGKILL');
  await instance.ended;
  await until(() => processes(instance.state).length === 0, 'everything to end');
  await instance.again();
  assert.equal((await agent.get(`agent-sessions/${session.id}`)).expect(200).body.session.title, 'kept');
});

test('kill -9 of everything at once: the next run clears what is left', async () => {
  for (const pid of [instance.supervisorPid, ...programs.map((name) => instance.pid(name))])
    process.kill(pid, 'SIGKILL');
  await instance.ended;
  await instance.again();
  await personOf(instance);
});

test('SIGTERM ends everything it started and nothing else', async () => {
  const other = await start();
  try {
    process.kill(other.supervisorPid, 'SIGTERM');
    assert.equal(await other.ended, 0);
    assert.deepEqual(processes(other.state), []);
    assert.deepEqual(readdirSync(join(other.state, 'pids')), []);
    await instance.waitHealthy(1000);
  } finally {
    await other.stop();
  }
});

// Reads the head of a stream, and then nothing more.
async function openStuck(other, client, room) {
  const socket = connect(other.port, '127.0.0.1');
  const [name, value] = Object.entries(client.credentials())[0];
  socket.write(
    `GET /api/workspaces/${other.env.TRACE_WORKSPACE}/events?room=${room} HTTP/1.1\r\nHost: x\r\n${name}: ${value}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause().on('error', () => {});
  return socket;
}

test('Ctrl-C with streams open, one of them stuck, ends within seconds', async () => {
  const other = await start({ env: { TRACE_PUSHER_DRAIN: '3' } });
  const agent = agentOf(other);
  const room = `stream:${other.env.TRACE_STREAM}`;
  const stuck = await openStuck(other, agent, room);
  const streams = [];
  try {
    for (let i = 0; i < 5; i++) streams.push(await openEvents(agent, [room]));
    for (const stream of streams) await stream.wait('ready');
    for (let i = 0; i < 3; i++)
      await agent.post(`streams/${other.env.TRACE_STREAM}/messages`, { content: 'x'.repeat(1 << 20) });
    const began = performance.now();
    process.kill(other.supervisorPid, 'SIGINT');
    assert.equal(await other.ended, 0);
    const seconds = (performance.now() - began) / 1000;
    console.log(`# ended after ${seconds.toFixed(1)} s`);
    reportIfSlow('the end of an instance with stuck readers', seconds * 1000, 15_000);
    assert.deepEqual(processes(other.state), []);
  } finally {
    streams.forEach((stream) => stream.close());
    stuck.destroy();
    await other.stop();
  }
});

test(
  'a state directory that the service user cannot reach holds links',
  { skip: process.getuid() !== 0 && 'only root changes users' },
  async (t) => {
    const closed = mkdtempSync(join(tmpdir(), 'agent-trace-closed-'));
    chmodSync(closed, 0o700);
    const state = join(closed, 'state');
    mkdirSync(state);
    let base;
    t.after(() => {
      rmSync(closed, { recursive: true, force: true });
      if (base?.startsWith('/var/lib/agent-trace/')) rmSync(base, { recursive: true });
    });
    const other = await start({ state });
    base = join(readlinkSync(join(state, 'logs')), '..');
    try {
      assert.match(other.output(), /cannot reach/);
      for (const name of ['demo.env', 'logs', 'pids', 'sock'])
        assert.ok(lstatSync(join(state, name)).isSymbolicLink(), name);
    } finally {
      await other.stop();
    }
  },
);

test('--database: an existing server instead of a private one, with the rights of a program only', async () => {
  await instance.psql('CREATE DATABASE "else where"');
  const url = instance.env.DATABASE_URL.replace('/trace?', '/else%20where?');
  const other = await start({ args: ['--database', url] });
  try {
    assert.ok(!existsSync(join(other.state, 'pg')));
    assert.equal(other.env.DATABASE_URL, url);
    await other.psql(`CREATE TABLE writers (name text); GRANT INSERT ON writers TO trace_app;
      CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO writers VALUES (current_user); RETURN NULL; END';
      CREATE TRIGGER note_writer AFTER INSERT ON agent_sessions FOR EACH ROW EXECUTE FUNCTION note_writer()`);
    (await agentOf(other).post('agent-sessions', { title: 'elsewhere' })).expect(201);
    assert.deepEqual(await other.psql('SELECT name FROM writers'), [{ name: 'trace_app' }], 'with a role of its own');
    const roles = await other.psql(
      "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'else where' AND query NOT LIKE '%pg_stat_activity%'",
    );
    assert.deepEqual(roles, [{ usename: 'trace_owner' }], 'connected as the owner');
    await assert.rejects(other.psql('SET ROLE trace_app; DROP TABLE agent_sessions'), /must be owner/);
  } finally {
    await other.stop();
  }
});

test('further personas have agents, tokens, models and settings of their own, and keep them', async () => {
  const [theseus, icarus] = await Promise.all(
    ['Theseus', 'Icarus'].map((name) => startScriptedModel(() => ({ content: `I am ${name}` }))),
  );
  const state = makeState();
  const file = join(state, 'icarus.env');
  writeFileSync(
    file,
    `# of Icarus\nTRACE_MODEL_URL=${icarus.url}\nTRACE_MODEL=wax wings\nTRACE_MODEL_BODY={"user":"it's"}\nTRACE_MODEL_KEY='k-of-icarus'\n`,
  );
  const args = ['--agent', `Theseus=${theseus.url}`, '--agent', `Icarus=${file}`];
  const seen = [];
  for (let turn = 0; turn < 2; turn++) {
    const one = await start({ state, args, env: { TRACE_MODEL: 'of-ariadne', TRACE_MODEL_KEY: 'k-of-ariadne' } });
    try {
      const asker = new Asker(await personOf(one), one);
      for (const name of ['Theseus', 'Icarus']) {
        const stream = await asker.channel({ name: `${name} ${turn}` });
        const { id } = await asker.ask(stream.id, `@${name.toLowerCase()} who are you?`);
        const ran = await asker.ended(id, 60_000);
        assert.equal(ran.session.persona.name, name);
        assert.equal(only(ran, 'message_sent')[0].content.text, `I am ${name}`);
      }
      const personas = await one.psql('SELECT name FROM personas ORDER BY name');
      assert.deepEqual(
        personas.map((persona) => persona.name),
        ['Ariadne', 'Icarus', 'Theseus'],
      );
      for (const slug of ['theseus', 'icarus'])
        assert.equal(statSync(join(state, `agents/${slug}.env`)).mode & 0o777, 0o600);
      const envs = ['theseus', 'icarus'].map((slug) => readFileSync(join(state, `agents/${slug}.env`), 'utf8'));
      seen.push(envs.map((text) => /TRACE_TOKEN='(.*)'/.exec(text)[1]));
    } finally {
      process.kill(one.supervisorPid, 'SIGTERM');
      await one.ended;
    }
  }
  rmSync(state, { recursive: true });
  assert.equal(new Set([...seen[0], ...seen[1]]).size, 2, 'a token each, the same after a restart');
  assert.equal(theseus.requests.at(-1).model, undefined);
  assert.deepEqual([icarus.requests.at(-1).model, icarus.requests.at(-1).user], ['wax wings', "it's"]);
  assert.ok(
    theseus.headers.every((headers) => !headers.authorization),
    "Ariadne's key goes to its own server only",
  );
  assert.equal(icarus.headers.at(-1).authorization, 'Bearer k-of-icarus');
  for (const model of [theseus, icarus]) model.stop();
});

test('one state directory with one database after the other: each keeps its own workspace', async () => {
  await instance.psql('CREATE DATABASE other');
  const url = instance.env.DATABASE_URL.replace('/trace?', '/other?');
  const state = makeState();
  const tokens = [];
  for (const args of [['--database', url], [], ['--database', url], []]) {
    const one = await start({ state, args });
    (await agentOf(one).post('agent-sessions', { title: 'mine' })).expect(201);
    assert.equal(
      (await one.psql("SELECT 1 FROM agent_sessions WHERE title = 'mine'")).length,
      tokens.length < 2 ? 1 : 2,
    );
    tokens.push(one.env.TRACE_TOKEN);
    process.kill(one.supervisorPid, 'SIGTERM');
    await one.ended;
  }
  rmSync(state, { recursive: true });
  assert.equal(new Set(tokens).size, 2);
  assert.deepEqual(tokens.slice(2), tokens.slice(0, 2));
});
