// SPDX-License-Identifier: Apache-2.0
// Agents, nginx and the programs are different users: what a misled agent or a broken nginx reaches of the others.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';
import { agentOf } from '../lib/rest.mjs';
import { USERS, connectAs, runAs, skipWithoutRoot } from './users.mjs';

const options = { skip: skipWithoutRoot };
let instance;
before(async () => {
  instance = await start({ demo: true });
});
after(() => instance?.stop());

const socket = (name) => join(instance.state, 'sock', name);
const OPEN = ['connected', 'EPROTOTYPE'];

function userOf(name) {
  const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${instance.pid(name)}/status`, 'utf8'))[1];
  return execFileSync('id', ['-un', uid], { encoding: 'utf8' }).trim();
}

test('programs, nginx and agent run as users of their own', options, () => {
  for (const name of ['trace-api', 'workspace-api', 'trace-pusher', 'sweeper', 'postgres'])
    assert.equal(userOf(name), USERS.programs, name);
  assert.equal(userOf('nginx'), USERS.nginx);
  for (const name of ['trace-agent', 'demo-model']) assert.equal(userOf(name), USERS.agent, name);
  for (const user of Object.values(USERS)) {
    const groups = execFileSync('id', ['-Gn', user], { encoding: 'utf8' }).trim();
    assert.equal(groups, user, 'no user is in the group of another');
  }
});

test('an agent has no path to the database, to the programs or to their secrets', options, async () => {
  for (const name of readdirSync(join(instance.state, 'sock')))
    assert.equal(await connectAs(USERS.agent, socket(name)), 'EACCES', name);
  const psql = await runAs(USERS.agent, ['psql', '-X', '-d', instance.env.DATABASE_URL, '-c', 'SELECT 1']);
  assert.notEqual(psql.code, 0);
  assert.match(psql.stderr, /Permission denied/);
  for (const name of ['demo.env', 'seed.env', 'programs', 'pg/PG_VERSION', 'sock/internal.sock']) {
    const { code, stdout } = await runAs(USERS.agent, ['cat', join(instance.state, name)]);
    assert.deepEqual([code, stdout], [1, ''], name);
  }
  // What is its own it can read, so the refusals above are not those of a user who can do nothing.
  assert.equal((await runAs(USERS.agent, ['cat', join(instance.state, 'agent.env')])).code, 0);
});

test('nginx reaches what it serves, and can neither send a hint nor change a socket', options, async () => {
  for (const name of [
    'trace-api.sock',
    'workspace-api.sock',
    'sign-in.sock',
    'pusher-1.http',
    'pusher-1.handoff',
    'internal.sock',
  ])
    assert.ok(OPEN.includes(await connectAs(USERS.nginx, socket(name))), name);
  for (const name of ['pusher-1.hint', '.s.PGSQL.5432'])
    assert.equal(await connectAs(USERS.nginx, socket(name)), 'EACCES', name);
  for (const words of [
    ['rm', '-f', socket('pusher-1.hint')],
    ['mv', socket('trace-api.sock'), socket('trace-api.old')],
    ['ls', join(instance.state, 'sock')],
    ['cat', join(instance.state, 'agent.env')],
    ['cat', join(instance.state, 'demo.env')],
  ])
    assert.notEqual((await runAs(USERS.nginx, words)).code, 0, words.join(' '));
});

test('the programs themselves can do all of that, so that the refusals above mean something', options, async () => {
  for (const name of ['pusher-1.hint', '.s.PGSQL.5432', 'trace-api.sock', 'pusher-1.http'])
    assert.ok(OPEN.includes(await connectAs(USERS.programs, socket(name))), name);
});

test('the modes of the sockets stay after a restart of each program', options, async () => {
  const modes = () =>
    ['trace-api.sock', 'workspace-api.sock', 'pusher-1.http', 'pusher-1.hint'].map((name) => {
      const { mode, gid } = statSync(socket(name));
      return [name, (mode & 0o777).toString(8), gid];
    });
  const before = modes();
  const web = Number(execFileSync('id', ['-g', USERS.nginx], { encoding: 'utf8' }));
  assert.deepEqual(
    before.map(([, mode, gid]) => [mode, gid]),
    [...Array(3).fill(['660', web]), ['600', web]],
  );
  for (const name of ['trace-api', 'workspace-api', 'trace-pusher']) {
    instance.kill(name);
    await instance.waitRestart(name);
  }
  await instance.waitHealthy();
  assert.deepEqual(modes(), before);
  (await agentOf(instance).get('agent-sessions')).expect(200);
});

test('the process that reads foreign pages has given up everything before it reads one', async () => {
  const program = join(instance.prefix, 'bin', 'trace-agent');
  const child = spawn(program, ['--page-text', 'text/html; charset=shift_jis'], { env: {} });
  const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
  if (!readFileSync(program).includes('__asan_init'))
    await until(() => /^Seccomp:\s+2$/m.test(status()), 'the filter of system calls');
  assert.match(status(), /^NoNewPrivs:\s+1$/m);
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  child.stdin.end(Buffer.concat([Buffer.from('<title>x</title><p>'), Buffer.from([0x83, 0x6a]), Buffer.from('</p>')]));
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual([code, text], [0, 'x\nニ']);
});
