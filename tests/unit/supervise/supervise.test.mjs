// SPDX-License-Identifier: Apache-2.0
// trace-supervise with small programs of the shell: order, restarts, and that nothing is left behind.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportIfSlow, until } from '../../lib/patience.mjs';

const program = join(process.env.TRACE_TEST_PREFIX ?? 'build/prefix', 'libexec', 'trace-supervise');

const shell = (kind, name, script, more = '') => `${kind} ${name}\nexec /bin/sh\narg -c\narg ${script}\n${more}\n`;

// Processes that have the mark of that base open: its programs, and all that came of them.
function marked(base) {
  const mark = join(base, 'mark');
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

class Supervised {
  output = '';

  constructor(base, args = []) {
    this.base = base;
    this.child = spawn(program, [...args, join(base, 'programs')], { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (bytes) => (this.output += bytes));
    this.exit = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(signal ?? code)));
    // Everything that it has written has been read.
    this.closed = new Promise((resolve) => this.child.once('close', resolve));
  }

  pid(name) {
    try {
      return Number(readFileSync(join(this.base, 'pids', `${name}.pid`), 'utf8'));
    } catch {
      return 0;
    }
  }

  others() {
    return marked(this.base).filter((pid) => pid !== this.child.pid);
  }

  said(text) {
    return until(() => this.output.includes(text), `"${text}" in: ${this.output}`, 5000);
  }
}

function given(t, list, args) {
  const base = mkdtempSync(join(tmpdir(), 'agent-trace-test-supervise-'));
  for (const folder of ['logs', 'pids']) mkdirSync(join(base, folder));
  writeFileSync(join(base, 'programs'), `base ${base}\n${list}`);
  const supervised = new Supervised(base, args);
  t.after(async () => {
    supervised.child.kill('SIGKILL');
    await supervised.exit;
    for (const pid of marked(base)) process.kill(pid, 'SIGKILL');
    rmSync(base, { recursive: true, force: true });
  });
  return supervised;
}

const gone = (pid) =>
  until(
    () => {
      try {
        return process.kill(pid, 0) && false;
      } catch {
        return true;
      }
    },
    `process ${pid} to be gone`,
    5000,
  );

test('programs start in order, after the tasks before them, and end in the opposite order', async (t) => {
  const ending = (name) =>
    `trap "echo ${name} >>order; exit 0" TERM; echo ${name} up >>order; while :; do sleep 0.02; done`;
  const s = given(
    t,
    shell('program', 'first', ending('first')) +
      shell('task', 'wait', 'until grep -q first order; do sleep 0.02; done; echo task >>order') +
      shell('program', 'second', ending('second')) +
      shell('task', 'last', 'until grep -q second order; do sleep 0.02; done; echo all up'),
  );
  await s.said('all up');
  s.child.kill('SIGTERM');
  assert.equal(await s.exit, 0);
  const order = readFileSync(join(s.base, 'order'), 'utf8').trim().split('\n');
  assert.deepEqual(order, ['first up', 'task', 'second up', 'second', 'first']);
  assert.deepEqual(readdirSync(join(s.base, 'pids')), [], 'no pid file of what has ended');
});

test('a killed program comes back, and nothing of it stays: neither its group nor what left the group', async (t) => {
  const s = given(
    t,
    shell('program', 'a', 'sleep 1001 & setsid sleep 1002 & wait') + shell('task', 'up', 'echo all up'),
  );
  await s.said('all up');
  const before = await until(() => s.others().length === 3 && s.others(), 'three processes');
  const pid = s.pid('a');
  process.kill(pid, 'SIGKILL');
  await until(() => s.pid('a') !== pid && s.others().length === 3, 'its successor');
  assert.deepEqual(
    s.others().filter((other) => before.includes(other)),
    [],
  );
});

test('a program that dies at once is restarted ever more slowly', async (t) => {
  const s = given(t, shell('program', 'a', 'date +%s%N >>tries; exit 3'));
  const file = join(s.base, 'tries');
  const tries = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : []);
  const [first, second, third, fourth] = await until(() => tries().length >= 4 && tries(), 'four tries');
  assert.match(s.output, /a ended with status 3/);
  reportIfSlow('the second try', (second - first) / 1e6, 1000);
  // A busy machine makes pauses longer than they are meant to be, never shorter.
  assert.ok(third - second >= 100e6 && fourth - third >= 500e6, `${tries()}`);
});

test('a task that fails ends everything', async (t) => {
  const s = given(
    t,
    shell('program', 'a', 'exec sleep 1000') +
      shell('task', 'bad', 'exit 1') +
      shell('program', 'never', 'touch never; exec sleep 1000'),
  );
  assert.equal(await s.exit, 1);
  assert.ok(!readdirSync(s.base).includes('never'));
  assert.deepEqual(marked(s.base), []);
});

test('a program that does not end when asked is killed when its time is over, or at a second signal', async (t) => {
  const stubborn = shell('program', 'a', "trap '' TERM INT; while :; do sleep 0.05; done", 'stop TERM 1\n');
  const slow = given(t, stubborn + shell('task', 'up', 'echo all up'));
  await slow.said('all up');
  const begun = performance.now();
  slow.child.kill('SIGTERM');
  assert.equal(await slow.exit, 0);
  assert.ok(performance.now() - begun > 900);

  const hurried = given(t, stubborn.replace('TERM 1', 'TERM 30') + shell('task', 'up', 'echo all up'));
  await hurried.said('all up');
  hurried.child.kill('SIGINT');
  // Another one, as two of a kind would be one if the supervisor had not yet taken the first.
  hurried.child.kill('SIGTERM');
  assert.equal(await hurried.exit, 0);
});

test('kill -9 of the supervisor ends its programs; --clear kills what they left', async (t) => {
  const s = given(t, shell('program', 'a', 'setsid sleep 1003 & exec sleep 1004') + shell('task', 'up', 'echo all up'));
  await s.said('all up');
  await until(() => s.others().length === 2, 'two processes');
  const pid = s.pid('a');
  s.child.kill('SIGKILL');
  await gone(pid);
  const left = marked(s.base);
  assert.equal(left.length, 1, 'a process of its own session, which no signal reached');
  const clear = spawn(program, ['--clear', join(s.base, 'mark')], { stdio: 'ignore' });
  assert.equal(await new Promise((resolve) => clear.once('exit', resolve)), 0);
  await gone(left[0]);
});

test('--until-eof: ends when its standard input ends', async (t) => {
  const s = given(t, shell('program', 'a', 'exec sleep 1000') + shell('task', 'up', 'echo all up'), ['--until-eof']);
  await s.said('all up');
  s.child.stdin.end();
  assert.equal(await s.exit, 0);
  assert.deepEqual(marked(s.base), []);
});

test('--once: ends when everything has been started', async (t) => {
  const s = given(t, shell('program', 'a', 'exec sleep 1000') + shell('task', 'up', 'echo all up'), ['--once']);
  assert.equal(await s.exit, 0);
  assert.match(s.output, /all up/);
});

test('--once: fails when it is stopped before that', async (t) => {
  const s = given(t, shell('task', 'up', 'echo on the way; exec sleep 1000') + shell('task', 'next', 'echo next'), [
    '--once',
  ]);
  await s.said('on the way');
  s.child.kill('SIGTERM');
  assert.equal(await s.exit, 1);
  assert.ok(!s.output.includes('next'));
});

test('a realtime program is scheduled ahead where the supervisor has the right; its children are not', async (t) => {
  const s = given(t, shell('program', 'ahead', 'sleep 60 & echo $!; wait', 'realtime 1'));
  const log = join(s.base, 'logs', 'ahead.log');
  const child = Number(await until(() => existsSync(log) && readFileSync(log, 'utf8').trim(), 'its child', 5000));
  // proc(5): the priority and the policy are the 40th and 41st word; 2 is SCHED_RR.
  const scheduling = (pid) =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(37, 39).join(' ');
  await until(() => s.pid('ahead') > 0, 'its number', 5000);
  assert.equal(scheduling(s.pid('ahead')), process.getuid() === 0 ? '1 2' : '0 0');
  assert.equal(scheduling(child), '0 0');
});

test(
  'a program runs in its network namespace',
  { skip: process.getuid() !== 0 && 'only root makes network namespaces' },
  async (t) => {
    const name = `trace-test-${process.pid}`;
    execFileSync('ip', ['netns', 'add', name]);
    t.after(() => execFileSync('ip', ['netns', 'delete', name]));
    const path = `/run/netns/${name}`;
    const s = given(t, shell('program', 'apart', 'stat -L -c %i /proc/self/ns/net; sleep 60', `netns ${path}`));
    const log = join(s.base, 'logs', 'apart.log');
    const inode = await until(() => existsSync(log) && readFileSync(log, 'utf8').trim(), 'its namespace', 5000);
    assert.equal(Number(inode), statSync(path).ino);
    assert.notEqual(Number(inode), statSync('/proc/self/ns/net').ino);
  },
);

test('an invalid list is refused with its line', async (t) => {
  const wrong = [
    'program a\narg x',
    'exec /bin/true',
    'program a/b\nexec /bin/true',
    'program a\nexec /bin/true\nstop HUP 3',
    'program a\nexec /bin/true\nnetns /run/netns/a\nnetns /run/netns/b',
    'program a\nexec /bin/true\nrealtime 0',
    'program a\nexec /bin/true\nrealtime 100',
    'nonsense',
  ];
  for (const text of wrong) {
    const s = given(t, `${text}\n`);
    assert.equal(await s.exit, 1, text);
    await s.closed;
    assert.match(s.output, /programs:\d+: not a directive here/, text);
  }
});
