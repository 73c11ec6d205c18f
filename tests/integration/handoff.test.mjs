// SPDX-License-Identifier: Apache-2.0
// Streams whose socket nginx gives to the pusher: which are given, which are proxied, and that no client can tell. Nothing
// is written twice, and a stream outlives the nginx that accepted it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPrefix, start, until } from '../lib/instance.mjs';
import { metric } from '../lib/metrics.mjs';
import { seal } from '../lib/pass.mjs';
import { addToken } from '../lib/people.mjs';
import { builtProgram } from '../lib/program.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, agent, person, room, path;
let sockets = [];
let readers = [];

before(async () => {
  const module = join(await findPrefix(), 'lib/agent-trace/ngx_http_trace_handoff_module.so');
  assert.ok(existsSync(module), 'the module was built: nginx-dev is installed by ./check');
  instance = await start();
  agent = agentOf(instance);
  person = await personOf(instance);
  room = `stream:${instance.env.TRACE_STREAM}`;
  path = `/api/workspaces/${instance.env.TRACE_WORKSPACE}/events?room=${room}`;
});
after(() => instance?.stop());
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const reader of readers) reader.close();
  sockets = [];
  readers = [];
});

const fate = (name) => metric(instance, 'trace_pusher_handoffs_total', { fate: name });
const streams = () => metric(instance, 'trace_pusher_streams_total');
// Repeated with its id: a connection that is kept may be that of an nginx that has ended.
async function say(content) {
  const body = { content, clientMessageId: content };
  const reply = await until(
    () => person.post(`streams/${instance.env.TRACE_STREAM}/messages`, body).catch(() => undefined),
    'nginx to answer',
  );
  return reply.expect(200, 201).body.message;
}

async function subscribe(options) {
  const reader = await openEvents(agent, [room], options);
  readers.push(reader);
  await reader.wait('ready');
  return reader;
}

const head = (version = '1.1', more = '') =>
  `GET ${path} HTTP/${version}\r\nHost: localhost\r\nAuthorization: Bearer ${instance.env.TRACE_TOKEN}\r\n${more}\r\n`;

// Writes `bytes` and reads what comes; `text()` is all of it so far.
function raw(bytes) {
  const socket = connect(instance.port, '127.0.0.1', () => socket.write(bytes));
  let text = '';
  let isClosed = false;
  socket.on('data', (more) => (text += more));
  socket.on('error', () => {});
  socket.on('close', () => (isClosed = true));
  sockets.push(socket);
  return {
    socket,
    text: () => text,
    wait: (what, ms) => until(() => text.includes(what), `${JSON.stringify(what)} in ${JSON.stringify(text)}`, ms),
    closed: (ms) => until(() => isClosed, 'the end of the connection', ms),
  };
}

// The status line of a reply and its headers, of which none may stand there twice.
function headOf(text) {
  const [status, ...lines] = text.split('\r\n\r\n')[0].split('\r\n');
  const headers = new Map(lines.map((line) => [line.split(': ')[0].toLowerCase(), line.slice(line.indexOf(': ') + 2)]));
  assert.equal(headers.size, lines.length, text);
  return [status, headers];
}

const count = (text, what) => text.split(what).length - 1;

test('a plain stream is given to the pusher, with the headers of a proxied one', async () => {
  const [given, all] = [await fate('stream'), await streams()];
  const stream = raw(head());
  await stream.wait('event: ready');
  assert.deepEqual([(await fate('stream')) - given, (await streams()) - all], [1, 1]);
  const [status, headers] = headOf(stream.text());
  assert.equal(status, 'HTTP/1.1 200 OK');
  assert.equal(headers.get('content-type'), 'text/event-stream');
  assert.equal(headers.get('cache-control'), 'no-store, no-transform');
  assert.match(stream.text(), /\r\n\r\nretry: \d{4}\nid: \d+~\w{6}\nevent: ready\n/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-accel-buffering'), 'no');
  assert.ok(Math.abs(Number(headers.get('trace-time')) - Date.now()) < 60_000, headers.get('trace-time'));
  assert.ok(Math.abs(Date.parse(headers.get('date')) - Date.now()) < 60_000, headers.get('date'));
  await say('to a socket of its own');
  await stream.wait('to a socket of its own');
});

// The kernel's timer for the server's end of a connection from `port` here: keepalive once everything is acknowledged.
function timerOf(port) {
  const hex = (number) => number.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const ends = rows.map((row) => row.trim().split(/\s+/));
  const row = ends.find(([, local, remote]) => local.endsWith(hex(instance.port)) && remote.endsWith(hex(port)));
  return row?.[5].split(':')[0];
}

test('a peer that has vanished is found out, over either way', async () => {
  for (const [name, bytes] of Object.entries({ given: head(), proxied: head('1.0') })) {
    const all = await streams();
    const given = await fate('stream');
    const stream = raw(bytes);
    await stream.wait('event: ready');
    assert.equal((await streams()) - all, 1);
    assert.equal((await fate('stream')) - given, name === 'given' ? 1 : 0, name);
    const keepalive = '02';
    await until(() => timerOf(stream.socket.localPort) === keepalive, `keepalive of the ${name} stream`);
  }
});

test('what nginx has a further duty for is proxied, and says the same', async () => {
  const requests = {
    'HTTP/1.0': head('1.0'),
    'a body': head('1.1', 'Content-Length: 2\r\n') + '{}',
    'bytes of a next request': head() + 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(requests)) {
    const [given, all] = [await fate('stream'), await streams()];
    const stream = raw(bytes);
    await stream.wait('event: ready');
    assert.deepEqual([(await fate('stream')) - given, (await streams()) - all], [0, 1], name);
    assert.equal(headOf(stream.text())[1].get('cache-control'), 'no-store, no-transform', name);
    assert.match(stream.text(), /\nretry: \d{4}\nid: \d+~\w{6}\nevent: ready\n/, name);
    const text = `said to ${name}`;
    await say(text);
    await stream.wait(text);
  }
});

test('what is no stream has the form of every other answer', async () => {
  const given = await fate('stream');
  const unknown = await agent.get('events?room=stream:str_01ARZ3NDEKTSV4RRFFQ69G5FAV');
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'not_found']);
  const anonymous = raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await anonymous.closed();
  assert.match(anonymous.text(), /^HTTP\/1\.1 401 /);
  assert.equal(await fate('stream'), given);
});

test('what a client sends behind its request is read in vain, up to a bound', async () => {
  const patient = raw(head());
  await patient.wait('event: ready');
  patient.socket.write('x'.repeat(16 * 1024));
  await say('still listening');
  await patient.wait('still listening');
  patient.socket.write('y');
  await patient.closed();
});

const workersOfNginx = () =>
  execFileSync('pgrep', ['-P', String(instance.pid('nginx'))], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .sort();

// Its new workers have no connection to a pusher yet. An old one has nothing left to serve: it ends, though its streams go
// on.
async function reloadNginx() {
  const old = workersOfNginx();
  process.kill(instance.pid('nginx'), 'SIGHUP');
  await until(() => !workersOfNginx().some((pid) => old.includes(pid)), 'the old workers to end');
}

test('a pusher that hangs up keeps what it has taken, and the rest is proxied', async () => {
  const socket = join(instance.state, 'sock', 'pusher-1.handoff');
  const quitter = await builtProgram('tests/integration/handoff_quitter');
  renameSync(socket, `${socket}.aside`);
  const child = spawn(quitter, [socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    await reloadNginx();
    const streams = Array.from({ length: 8 }, () => raw(head()));
    for (const stream of streams)
      await until(() => /taken|event: ready/.test(stream.text()), 'every client its answer');
    assert.deepEqual(await ended, [0, null]);
    await say('to all others');
    const taken = streams.filter((stream) => stream.text().includes('taken'));
    assert.equal(taken.length, 1);
    for (const stream of streams.filter((one) => one !== taken[0])) await stream.wait('to all others');
    for (const stream of streams) assert.equal(count(stream.text(), 'HTTP/1.1 '), 1, stream.text());
  } finally {
    child.kill();
    renameSync(`${socket}.aside`, socket);
    for (const stream of sockets) stream.destroy(); // those that are proxied keep an old worker alive
    await reloadNginx();
  }
});

test('streams outlive a reload and the death of nginx', async () => {
  const stream = await subscribe({ reconnect: true });
  await reloadNginx();
  await say('after the reload');
  await stream.wait((event) => event.raw.includes('after the reload'));

  instance.kill('nginx');
  await instance.waitRestart('nginx');
  await instance.waitHealthy();
  await say('after the death');
  await stream.wait((event) => event.raw.includes('after the death'));
  assert.deepEqual([stream.connections, stream.violations], [1, []]);
});

test('a pusher that has died is a new one at the next request', async () => {
  const stream = await subscribe({ reconnect: true, haste: 0.1 });
  instance.kill('trace-pusher');
  await instance.waitRestart('trace-pusher');
  await instance.waitHealthy();
  await say('to the next pusher');
  await stream.wait((event) => event.raw.includes('to the next pusher'), 20_000);
  assert.deepEqual(stream.violations, []);
  assert.equal(await fate('malformed'), 0);
});

test('a stopped pusher takes nothing late: the client gets one answer', async () => {
  const late = await fate('late');
  instance.kill('trace-pusher', 'SIGSTOP');
  const stream = raw(head());
  // nginx gives up after 2 s and proxies: what the pusher finds when it goes on is its own past deadline.
  await until(() => isWaitingAt('pusher-1.http'), 'nginx to proxy the request', 20_000);
  process.kill(instance.pid('trace-pusher'), 'SIGCONT');
  await stream.wait('event: ready', 20_000);
  await say('once');
  await stream.wait('once');
  assert.equal(count(stream.text(), 'HTTP/1.1 '), 1);
  assert.equal(count(stream.text(), 'event: ready'), 1);
  await until(async () => (await fate('late')) === late + 1, 'what came late to be counted');
});

// Whether somebody has connected to that socket and was not accepted yet.
function isWaitingAt(name) {
  const lines = execFileSync('ss', ['-xlH', 'src', join(instance.state, 'sock', name)], { encoding: 'utf8' });
  return Number(lines.trim().split(/\s+/)[2] ?? 0) > 0;
}

test('who sends no hand-over is hung up on, and nobody else notices', async () => {
  const stream = await subscribe();
  const malformed = await fate('malformed');
  const driver = await builtProgram('tests/integration/handoff_driver');
  const socket = join(instance.state, 'sock', 'pusher-1.handoff');
  const outcomes = execFileSync(driver, [socket], { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(outcomes, ['empty: hung up', 'garbage: hung up', 'no descriptor: hung up', 'cut: hung up']);
  assert.equal(await fate('malformed'), malformed + 3);
  await say('undisturbed');
  await stream.wait((event) => event.raw.includes('undisturbed'));
});

// Processor time in seconds, as the kernel counts it by hundredths.
const cpuOf = (pid) => {
  const [, , , , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(user) + Number(system)) / 100;
};

test('a stream whose client has left is forgotten, though nginx still has a copy of its socket', async () => {
  const pusher = instance.pid('trace-pusher');
  const all = await streams();
  const query = seal(instance, `room=${room}~0~-&principal=${instance.env.TRACE_PERSONA}&at=${Date.now()}000`);
  const socket = join(instance.state, 'sock', 'pusher-1.handoff');
  const driver = spawn(await builtProgram('tests/integration/handoff_driver'), [socket, query]);
  try {
    await once(driver.stdout, 'data');
    assert.equal((await streams()) - all, 1);
    const before = cpuOf(pusher);
    await sleep(1000);
    const share = cpuOf(pusher) - before;
    assert.ok(share < 0.5, `the pusher took ${share} of a processor`);
    // What is opened now takes the place of what was forgotten.
    const readers = await Promise.all(Array.from({ length: 20 }, () => subscribe()));
    await say('to all that came later');
    for (const reader of readers) await reader.wait((event) => event.raw.includes('to all that came later'));
  } finally {
    driver.stdin.end();
  }
  assert.equal(instance.pid('trace-pusher'), pusher, 'the pusher lives');
});

// Of a socket that nginx keeps the pusher sees nothing of the client, so that it is there is known by its calls alone.
test('a persona is connected whose stream is open, if it has called within a minute or its own socket acknowledges', async () => {
  const { TRACE_WORKSPACE: ws, TRACE_PERSONA: persona } = instance.env;
  const isConnected = async () =>
    (await person.get(`/api/workspaces/${ws}`)).expect(200).body.personas.find(({ id }) => id === persona).connected;
  // A call is noted behind its answer.
  const forget = () => instance.psql(`UPDATE token_uses SET used_at = used_at - interval '1 minute'`);
  const isForgotten = async () => {
    await forget();
    return (await instance.psql("SELECT max(used_at) < now() - interval '1 minute' AS old FROM token_uses"))[0].old;
  };

  const given = await fate('stream');
  const own = await openEvents(agent, [`persona:${persona}`]);
  readers.push(own);
  await own.wait('ready');
  assert.equal(await fate('stream'), given + 1);
  await until(isForgotten, 'its calls to be long ago');
  assert.equal(await isConnected(), true);
  own.close();
  await until(async () => !(await isConnected()), 'it to be gone');

  const room = `GET /api/workspaces/${ws}/events?room=persona:${persona} HTTP/1.0\r\nHost: localhost\r\n`;
  const proxied = raw(`${room}Authorization: Bearer ${instance.env.TRACE_TOKEN}\r\n\r\n`);
  await proxied.wait('event: ready');
  await until(async () => (await isForgotten()) && !(await isConnected()), 'it to be silent');
  (await (await addToken(instance, persona, ['read'])).get(`/api/workspaces/${ws}`)).expect(200);
  await until(isConnected, 'its call to be noted');
  proxied.socket.destroy();
  await until(async () => !(await isConnected()), 'it to be gone again');
});
