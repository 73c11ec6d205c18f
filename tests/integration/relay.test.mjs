// SPDX-License-Identifier: Apache-2.0
// Several machines on one database, with a relay each and NATS between them. Machines A and B compare their counters with
// the database so seldom that only the relay can bring them what is written elsewhere; machine C does so each second.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { descriptorsInUse, limitDescriptors } from '../lib/descriptors.mjs';
import { start } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { Nats } from '../lib/nats.mjs';
import { until } from '../lib/patience.mjs';
import { Client, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

const run = promisify(execFile);
const key = randomBytes(24).toString('hex');
let nats, a, b, c, session, room;
const streams = [];

before(async () => {
  nats = await Nats.open();
  const env = { TRACE_NATS_URL: nats.url, TRACE_BUS_KEY: key, TRACE_WORKERS: '4', TRACE_HEARTBEAT_TIMEOUT: '3600' };
  a = await start({ env: { ...env, TRACE_PUSHER_CHECK: '3600' } });
  const args = ['--database', a.env.DATABASE_URL];
  b = await start({ env: { ...env, TRACE_PUSHER_CHECK: '3600' }, args });
  c = await start({ env: { ...env, TRACE_PUSHER_CHECK: '1' }, args });
  for (const machine of [a, b, c]) {
    // One workspace, whichever machine is asked.
    machine.agent = new Client(machine.url, { token: a.env.TRACE_TOKEN, workspace: a.env.TRACE_WORKSPACE });
    await isConnected(machine);
  }
  session = (await a.agent.post('agent-sessions', {})).expect(201).body.session;
  room = `session:${session.id}`;
});
after(async () => {
  for (const stream of streams) stream.close();
  for (const machine of [c, b, a]) await machine?.stop();
  await nats?.close();
});

const isConnected = (machine) =>
  until(
    async () =>
      (await metric(machine, 'trace_relay_nats_up').catch(() => 0)) === 1 &&
      (await metric(machine, 'trace_pusher_relay_up')) === 1 &&
      (await metric(machine, 'trace_relay_relays')) === 2,
    'the relays to find each other',
    15_000,
  );

// A stream whose rooms the relay of that machine follows, and which has had its last look at the counters.
async function openAt(machine, rooms = [room], client = machine.agent) {
  const stream = await openEvents(client, rooms, { reconnect: true });
  streams.push(stream);
  await stream.wait('ready');
  return stream;
}

const record = (machine, content) =>
  machine.agent
    .post(`agent-sessions/${session.id}/steps`, { stepType: 'thinking', completed: true, content })
    .then((reply) => reply.expect(201).body.step);

const sees = (stream, step) => stream.wait(({ data }) => data?.step?.id === step.id, 3000);

function isGapless(stream) {
  const seqs = stream.events.filter(({ data }) => data?.room === room && data.seq).map(({ data }) => data.seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, i) => seqs[0] + i),
  );
  assert.deepEqual(stream.violations, []);
}

test('what is written on one machine is read on the others, each number once and in order', async () => {
  const readers = await Promise.all([openAt(a), openAt(b), openAt(c)]);
  for (let i = 0; i < 20; i++) {
    const step = await record([a, b, c][i % 3], `step ${i}`);
    await Promise.all(readers.map((reader) => sees(reader, step)));
  }
  for (const reader of readers) isGapless(reader);
  assert.ok((await metric(b, 'trace_relay_passed_total')) >= 13, 'the relay of B has passed on what A and C wrote');
  assert.equal(await metric(b, 'trace_relay_malformed_total'), 0);
});

test('text that is being written on one machine is seen on another', async () => {
  const reader = await openAt(b);
  const path = `agent-sessions/${session.id}/steps`;
  const { step } = (await a.agent.post(path, { stepType: 'thinking' })).expect(201).body;
  await sees(reader, step);
  let text = '';
  for (const piece of ['Three ', 'words ', 'long']) {
    const offset = Buffer.byteLength(text);
    (await a.agent.post(`${path}/${step.id}/progress`, { delta: piece, offset })).expect(202, 204, 200);
    text += piece;
  }
  const pieces = () =>
    reader
      .of('agent_session:step:progress')
      .filter(({ data }) => data.stepId === step.id)
      .map(({ data }) => data.delta ?? data.content)
      .join('');
  await until(() => pieces() === text, 'the text to be whole');
  (await a.agent.post(`${path}/${step.id}/complete`, { content: text })).expect(200);
  isGapless(reader);
});

test('calls that overtake each other on their way by two machines are put in order by their numbers', async () => {
  const reader = await openAt(c);
  const path = `agent-sessions/${session.id}/steps`;
  const { step } = (await a.agent.post(path, { stepType: 'thinking' })).expect(201).body;
  await sees(reader, step);
  const say = (machine, body) => machine.agent.post(`${path}/${step.id}/progress`, body).then((r) => r.expect(202));
  const told = () => reader.of('agent_session:step:progress').filter(({ data }) => data.stepId === step.id);
  await say(a, { content: 'one', n: 1 });
  await say(b, { content: 'three', n: 3 });
  await until(() => told().at(-1)?.data.content === 'three', 'the third call');
  await say(a, { content: 'two', n: 2 });
  await say(a, { delta: '!', offset: 3, n: 2 });
  await say(b, { delta: ', four', offset: 5, n: 4 });
  await until(() => told().at(-1)?.data.delta === ', four', 'the fourth call');
  assert.ok(!told().some(({ data }) => data.content === 'two' || data.delta === '!'));
  (await a.agent.post(`${path}/${step.id}/complete`, { content: 'done' })).expect(200);
  isGapless(reader);
});

test('a relay carries what is followed on its machine, and its own messages come not back', async () => {
  const other = (await a.agent.post('agent-sessions', {})).expect(201).body.session;
  // What either has still to hear of the tests before comes before these.
  for (const [from, to] of [
    [a, b],
    [b, a],
  ])
    await sees(await openAt(to), await record(from, 'the first'));
  const received = await Promise.all([a, b].map((machine) => metric(machine, 'trace_relay_received_total')));
  for (let i = 0; i < 10; i++)
    (
      await a.agent.post(`agent-sessions/${other.id}/steps`, { stepType: 'thinking', completed: true, content: 'x' })
    ).expect(201);
  // A step in a followed room shows that everything before it has arrived.
  const reader = await openAt(b);
  await sees(reader, await record(a, 'the last'));
  assert.equal(await metric(a, 'trace_relay_received_total'), received[0], 'A hears nothing of what A wrote');
  assert.equal(await metric(b, 'trace_relay_received_total'), received[1] + 1, 'B hears of the room that it follows');
});

test('what is not sealed with the key is refused, and another namespace is not heard', async () => {
  const reader = await openAt(b);
  const subject = `trace.default.${room.replace(':', '.')}`;
  const refused = (reason) => metric(b, 'trace_relay_refused_total', { reason });
  await nats.publish(subject, Buffer.from('nonsense'));
  await until(async () => (await refused('malformed')) === 1, 'a short message to be refused');
  const other = Buffer.alloc(200);
  other.writeUInt32LE(2);
  await nats.publish(subject, other);
  await until(async () => (await refused('other_version')) === 1, 'another version to be refused');
  const forged = Buffer.alloc(200);
  forged.writeUInt32LE(1);
  await nats.publish(subject, forged);
  await until(async () => (await refused('not_sealed')) === 1, 'a forged message to be refused');
  await nats.publish(subject.replace('default', 'another'), forged);
  await sees(reader, await record(a, 'after the nonsense'));
  assert.equal(await refused('not_sealed'), 1, 'the message of another namespace was not heard');
  isGapless(reader);
});

test(
  'a program of another user is not let in',
  { skip: process.getuid() !== 0 && 'only root has other users' },
  async () => {
    const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
s.settimeout(10)
try:
    print(len(s.recv(10)))
except ConnectionResetError:
    print(0)`;
    for (const name of ['relay.hint', 'relay.link']) {
      const words = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', '/usr/bin/python3', '-c', script];
      const { stdout } = await run('setpriv', [...words, `${a.state}/sock-relay/${name}`]);
      assert.equal(stdout, '0\n', `${name} hangs up`);
    }
    assert.equal(await metric(a, 'trace_relay_strangers_total'), 2);
  },
);

// Begins a step in a session of its own, which nobody reads, and tells its text in parts.
async function beginText(machine) {
  const { session: own } = (await machine.agent.post('agent-sessions', {})).expect(201).body;
  const path = `agent-sessions/${own.id}/steps`;
  const { step } = (await machine.agent.post(path, { stepType: 'thinking' })).expect(201).body;
  let n = 0;
  let text = '';
  const tell = async (by, delta) => {
    const body = { delta, offset: Buffer.byteLength(text), n: ++n };
    (await by.agent.post(`${path}/${step.id}/progress`, body)).expect(202);
    text += delta;
  };
  return { room: `session:${own.id}`, tell, text: () => text };
}

// What a reader has been shown of the only step.
function shown(reader) {
  let text = '';
  for (const { data } of reader.of('agent_session:step:progress'))
    text = data.content ?? Buffer.from(text).subarray(0, data.offset).toString() + data.delta;
  return text;
}

test('who opens a session in the middle of a text that is written on another machine sees all of it', async () => {
  const { room: own, tell, text } = await beginText(a);
  await tell(a, 'In the middle of “ü” ');
  await tell(a, 'x'.repeat(100_000));
  const reader = await openAt(b, [own]);
  await until(() => shown(reader) === text(), 'the text so far');
  await tell(a, ' and on');
  await until(() => shown(reader) === text(), 'the text to go on');
  assert.deepEqual(reader.violations, []);
});

test('a text that goes on by another machine is known whole there, and to who opens it on a third', async () => {
  const { room: own, tell, text } = await beginText(a);
  await tell(a, 'Written by A, ');
  await tell(b, 'by B, ');
  const reader = await openAt(c, [own]);
  await until(() => shown(reader) === text(), 'what both have written');
  await tell(a, 'and A again');
  await until(() => shown(reader) === text(), 'the rest');
  const near = await openAt(b, [own]);
  await until(() => shown(near) === text(), 'the same on B');
});

test('a machine that cannot hear of the database ends its streams, because others may have revoked their rights', async () => {
  const reader = await openAt(c);
  const backends = await a.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'trace-pusher'");
  // Connections that there are go on; the pushers', which are ended, cannot be made anew.
  a.kill('postgres', 'SIGSTOP');
  try {
    for (const { pid } of backends) process.kill(pid, 'SIGTERM');
    await reader.wait('unavailable', 15_000);
  } finally {
    a.kill('postgres', 'SIGCONT');
  }
  const closed = { reason: 'stale' };
  assert.ok((await metric(c, 'trace_pusher_closed_total', closed)) >= 1);
  assert.equal(await metric(a, 'trace_pusher_closed_total', closed), 0, 'A compares too seldom to be late');
  await sees(reader, await record(a, 'after the database'));
  isGapless(reader);
});

test('a revocation is acknowledged by all machines', async () => {
  const person = await personOf(a);
  const elsewhere = new Client(b.url, { cookie: person.cookie, workspace: person.workspace });
  const reader = await openAt(b, ['user:me'], elsewhere);
  const { status, body } = await person.post('/api/auth/logout', {});
  assert.ok(status < 300);
  assert.ok(!body?.revocationPending);
  await reader.wait('revoked', 2000);
});

test('a relay that is killed comes back, and its machine hears again', async () => {
  const reader = await openAt(b);
  b.kill('relay');
  await b.waitRestart('relay');
  await isConnected(b);
  await sees(reader, await record(a, 'after the relay'));
  isGapless(reader);
});

test('NATS is killed: streams go on, it is said, and it heals', async () => {
  const [near, far, comparing] = await Promise.all([openAt(a), openAt(b), openAt(c)]);
  await nats.kill();
  await until(async () => (await metric(a, 'trace_relay_nats_up')) === 0, 'the relay to notice');
  const health = await fetch(`${a.url}/healthz`);
  assert.equal(health.status, 200, 'a machine without NATS still works');
  assert.equal((await health.json()).checks.relay, 'degraded');
  const step = await record(a, 'without NATS');
  await sees(near, step);
  await sees(comparing, step);
  const person = await personOf(a);
  assert.equal((await person.post('/api/auth/logout', {})).body?.revocationPending, true);

  await nats.start();
  for (const machine of [a, b, c]) await isConnected(machine);
  // The next number shows B that one is missing.
  const next = await record(a, 'with NATS');
  for (const reader of [near, far, comparing]) {
    await sees(reader, next);
    assert.ok(reader.events.some(({ data }) => data?.step?.id === step.id));
    assert.equal(reader.connections, 1);
    isGapless(reader);
  }
  assert.match(a.log('relay'), /NATS is away/);
});

test('a relay out of descriptors hangs up on whoever calls, and serves again once it has some', async () => {
  const pid = c.pid('relay');
  const call = () =>
    new Promise((resolve) => {
      const socket = connect(join(c.state, 'sock-relay', 'relay.http'), () => socket.resume());
      // A reset is a way to hang up, too.
      socket.on('close', resolve).on('error', () => {});
    });
  limitDescriptors(pid, descriptorsInUse(pid));
  try {
    await call();
    await call();
    await until(() => /out of descriptors/.test(c.log('relay')), 'the log to say so');
  } finally {
    limitDescriptors(pid);
  }
  await until(async () => (await metric(c, 'trace_relay_nats_up').catch(() => 0)) === 1, 'the relay to answer');
});
