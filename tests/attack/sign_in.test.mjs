// SPDX-License-Identifier: Apache-2.0
// Signing in costs a lot of processor time by design: a flood of it must stop neither the service nor other people, and
// guesses are counted however they come.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ask, request } from '../integration/input_fcgi.mjs';
import { start } from '../lib/instance.mjs';
import { reportIfSlow, until } from '../lib/patience.mjs';
import { Client, personOf } from '../lib/rest.mjs';

const FLOOD = 150;
const MEMBER_MS = 100;
const HASHING = 2;

let instance, anyone, member, email, password;
before(async () => {
  instance = await start();
  anyone = new Client(instance.url, { workspace: instance.env.TRACE_WORKSPACE });
  member = await personOf(instance);
  ({ TRACE_EMAIL: email, TRACE_PASSWORD: password } = instance.env);
});
after(() => instance?.stop());
beforeEach(() => instance.psql('DELETE FROM login_failures'));

const signIn = (body) => anyone.post('/api/auth/login', body);
const socket = (name) => join(instance.state, 'sock', name);

// A sign-in from that address, as nginx would hand it to the workers that hash.
async function signInFrom(address, body, name = 'sign-in.sock') {
  const text = JSON.stringify(body);
  const variables = {
    REQUEST_METHOD: 'POST',
    REQUEST_URI: '/api/auth/login',
    DOCUMENT_URI: '/api/auth/login',
    PATH_INFO: '/api/auth/login',
    REMOTE_ADDR: address,
    CONTENT_TYPE: 'application/json',
    CONTENT_LENGTH: Buffer.byteLength(text),
  };
  return ask(socket(name), request(variables, text));
}

// The processes that take requests at that socket.
function workersAt(name) {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((one) => one.endsWith(`/sock/${name}`) && one.includes(instance.state.split('/').at(-1)));
  const inode = `socket:[${line.split(/\s+/)[6]}]`;
  const main = instance.pid('workspace-api');
  const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) =>
    readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === inode;
      } catch {
        return false; // closed meanwhile
      }
    }),
  );
}

// Before the flood, after which nginx lets this address in only slowly.
test('two processes hash, with a short queue; whoever finds it full is told so without delay', async () => {
  const hashing = workersAt('sign-in.sock');
  assert.equal(hashing.length, HASHING);
  assert.equal(workersAt('workspace-api.sock').filter((pid) => hashing.includes(pid)).length, 0);
  for (const pid of hashing) process.kill(pid, 'SIGSTOP');
  const answered = [];
  const attempts = Array.from({ length: 40 }, (_, i) =>
    signIn({ email: `nobody-${i}@example.com`, password: 'wrong wrong' }).then(
      (reply) => (answered.push(reply), reply),
    ),
  );
  try {
    // Nobody hashes, so all but those who wait have been refused by somebody else.
    await until(() => answered.length >= 40 - HASHING - 9, 'the refusals');
    for (const reply of answered) {
      assert.equal(reply.expect(429).code, 'too_many_attempts');
      assert.equal(reply.headers.get('retry-after'), '1');
    }
    (await member.get('agent-sessions')).expect(200);
    (await member.get('/api/auth/me')).expect(200);
  } finally {
    for (const pid of hashing) process.kill(pid, 'SIGCONT');
  }
  const replies = await Promise.all(attempts);
  const waited = replies.filter(({ status }) => status === 401).length;
  assert.ok(waited > 0 && waited <= HASHING + 9, `${waited} were hashed`);
});

test('150 sign-ins at once: each is answered or refused, and a member works on', async () => {
  const attempts = Array.from({ length: FLOOD }, (_, i) =>
    signIn({ email: i % 2 ? email : `nobody-${i}@example.com`, password: 'wrong wrong' }),
  );
  let flooding = true;
  const flood = Promise.all(attempts).finally(() => (flooding = false));
  const times = [];
  while (flooding) {
    const began = performance.now();
    (await member.get('agent-sessions')).expect(200);
    times.push(performance.now() - began);
  }
  const replies = await flood;
  for (const reply of replies) {
    reply.expect(401, 429);
    if (reply.status === 429) assert.ok(Number(reply.headers.get('retry-after')) >= 1);
  }
  times.sort((a, b) => a - b);
  const middle = times[times.length >> 1];
  console.log(
    `# ${replies.filter(({ status }) => status === 401).length} of ${FLOOD} were hashed; the member's ${times.length} calls ` +
      `took ${middle.toFixed(0)} ms in the middle, ${times.at(-1).toFixed(0)} ms at most`,
  );
  reportIfSlow("a member's call during a flood of sign-ins", times.at(-1), MEMBER_MS);
  await instance.psql('DELETE FROM login_failures');
  await until(async () => (await signIn({ email, password })).status === 200, 'signing in after the flood');
});

test('guesses side by side are as many as one after the other', async () => {
  const guess = async () => {
    for (;;) {
      const reply = await signInFrom('192.0.2.1', { email, password: 'wrong wrong' });
      if (reply.status) return reply.status; // otherwise the queue was full
    }
  };
  const statuses = await Promise.all(Array.from({ length: 40 }, guess));
  const hashed = statuses.filter((status) => status === 401).length;
  // Two that are counted in the same moment do not see each other.
  assert.ok(hashed >= 10 && hashed < 10 + HASHING, `${hashed} were compared`);
  assert.ok(
    statuses.every((status) => [401, 429].includes(status)),
    `${statuses}`,
  );
});

test('an IPv6 network is one guesser, another one is not; an IPv4 address is itself in both spellings', async () => {
  const wrong = { email, password: 'wrong wrong' };
  for (let i = 0; i < 10; i++) assert.equal((await signInFrom(`2001:db8:0:1::${i}`, wrong)).status, 401);
  assert.equal((await signInFrom('2001:db8:0:1:ffff::1', { email, password })).status, 429);
  assert.equal((await signInFrom('2001:db8:0:2::1', { email, password })).status, 200);
  for (let i = 0; i < 10; i++)
    assert.equal((await signInFrom(i % 2 ? '192.0.2.9' : '::ffff:192.0.2.9', wrong)).status, 401);
  assert.equal((await signInFrom('192.0.2.9', { email, password })).status, 429);
});

test('an account that is guessed from everywhere can be tried once in ten seconds', async () => {
  const many = (n, ago) =>
    instance.psql(`INSERT INTO login_failures (account, address, at)
    SELECT lower('${email}'), '198.51.100.' || i, now() - interval '${ago}' FROM generate_series(1, ${n}) i`);
  await many(99, '20 seconds');
  assert.equal((await signInFrom('192.0.2.1', { email, password: 'wrong wrong' })).status, 401);
  const refused = await signInFrom('192.0.2.2', { email, password });
  assert.equal(refused.status, 429);
  const wait = Number(/^Retry-After: (\d+)/m.exec(refused.head)[1]);
  assert.ok(wait >= 1 && wait <= 10, `Retry-After: ${wait}`);
  // Others are not slowed, and its owner gets in between two guesses.
  assert.equal((await signInFrom('192.0.2.3', { email: 'other@example.com', password: 'wrong wrong' })).status, 401);
  await instance.psql("UPDATE login_failures SET at = at - interval '11 seconds'");
  assert.equal((await signInFrom('192.0.2.2', { email, password })).status, 200);
});

test('a right password is no failure, however often', async () => {
  for (let i = 0; i < 12; i++) assert.equal((await signInFrom('192.0.2.4', { email, password })).status, 200);
  assert.deepEqual(await instance.psql('SELECT FROM login_failures'), []);
});

test('the ordinary workers hash nothing', async () => {
  const reply = await signInFrom('192.0.2.5', { email, password }, 'workspace-api.sock');
  assert.equal(reply.status, 429);
  assert.match(reply.head, /^Retry-After: 1\r?$/m);
});
