// SPDX-License-Identifier: Apache-2.0
// The programs' own sockets, which only nginx reaches: if something else writes to them, or nginx lets something through,
// each program refuses it by itself and goes on.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { giveUpAfter } from '../lib/patience.mjs';
import { metric } from '../lib/metrics.mjs';
import { seal } from '../lib/pass.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';
import { ask, begin, params, record, request } from './input_fcgi.mjs';
import { takeReplies } from './input_wire.mjs';

let instance, agent, person, stream, pids;
const programs = ['trace-api', 'workspace-api', 'trace-pusher'];

before(async () => {
  instance = await start({ env: { TRACE_WORKERS: '2' } });
  agent = agentOf(instance);
  person = await personOf(instance);
  pids = programs.map((name) => instance.pid(name));
  stream = await openEvents(person, [`stream:${instance.env.TRACE_STREAM}`]);
  await stream.wait('ready');
});
after(async () => {
  if (!instance) return;
  await instance.waitHealthy();
  assert.deepEqual(
    programs.map((name) => instance.pid(name)),
    pids,
    'no program had to be restarted',
  );
  for (const name of programs) assert.doesNotMatch(instance.log(name), / error |signal|sanitizer/i, name);
  (await person.post(`streams/${instance.env.TRACE_STREAM}/messages`, { content: 'still here' })).expect(201);
  await stream.wait('message:created');
  assert.deepEqual([stream.connections, stream.violations], [1, []], 'nobody lost a stream');
  stream.close();
  await instance.stop();
});

const socketOf = (name) => join(instance.state, 'sock', name);
const random = (n, seed) =>
  Buffer.from(Array.from({ length: n }, (_, i) => ((Math.imul(seed + 1, 2654435761) * (i + 7)) >>> 13) & 255));

// What the pusher says to these bytes until it closes; with `end`, after the client has ended its side.
function tell(bytes, { end = false } = {}) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    const socket = connect(socketOf('pusher-1.http'), () => (end ? socket.end(bytes) : socket.write(bytes)));
    const timer = setTimeout(() => socket.destroy(new Error('the pusher does not close')), giveUpAfter(20_000));
    socket.on('data', (more) => pieces.push(more));
    socket.on('error', (error) =>
      pieces.length ? undefined : ['EPIPE', 'ECONNRESET'].includes(error.code) ? undefined : reject(error),
    );
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(takeReplies(Buffer.concat(pieces)));
    });
  });
}

test('the pusher: malformed heads', async () => {
  const heads = [
    'GET /\x01 HTTP/1.1\r\n\r\n',
    'GET  / HTTP/1.1\r\n\r\n',
    'GET /healthz HTTP/2.0\r\n\r\n',
    'get\r\n\r\n',
    '\r\n\r\n',
    'GET /healthz\r\n\r\n',
    'GET http://x/healthz HTTP/1.1\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nX\r\n\r\n',
    'GET /healthz HTTP/1.1\r\n: y\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nA: \0\r\n\r\n',
    `GET /${'x'.repeat(9000)} HTTP/1.1\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${'A: b\r\n'.repeat(3000)}\r\n`,
    Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 10, 10]),
    random(9000, 1),
    random(9000, 2),
  ];
  for (const head of heads)
    assert.deepEqual(
      (await tell(head)).map(({ status }) => status),
      [400],
      head.slice(0, 40).toString('latin1'),
    );
  for (const method of ['POST', 'HEAD', 'PUT', 'OPTIONS'])
    assert.equal(
      (await tell(`${method} /events?room=x HTTP/1.1\r\nContent-Length: 0\r\n\r\n`))[0].headers.get('allow'),
      'GET',
      method,
    );
});

test('the pusher: invalid targets and subscriptions', async () => {
  const room = `room=stream:${instance.env.TRACE_STREAM}~1~1`;
  const who = `principal=${'usr_01ARZ3NDEKTSV4RRFFQ69G5FAV'}&at=1`;
  for (const path of ['/', '/Events', '/events/', '/../healthz', '/%65vents', '/healthz/x', '//metrics', '/rooms/'])
    assert.equal((await tell(`GET ${path} HTTP/1.1\r\n\r\n`))[0].status, 404, path);
  for (const query of [
    '',
    '?',
    `?${room}`,
    `?${who}`,
    `?${room}%0d%0aX-Evil:1&${who}`,
    `?${room}&${room}&${who}`,
    `?room=stream:x~1~1&${who}`,
    `?room=user:me~-~-&${who}`,
    `?${room}&principal=usr_"&at=1`,
    `?${room}&principal=usr_x&at=-1`,
    `?${room}&${who}&until=x`,
    `?${room}&principal=usr_x&at=${'9'.repeat(30)}`,
    `?room=stream:${instance.env.TRACE_STREAM}~${'9'.repeat(30)}~1&${who}`,
    `?${`${room}&`.repeat(8)}${who}`,
    `?${room}&${who}&x=1`,
    `?${room}&${`${who}&`.repeat(20)}`,
  ]) {
    const unsealed = await tell(`GET /events${query} HTTP/1.1\r\n\r\n`);
    assert.equal(unsealed[0].status, 403, query);
    const replies = await tell(`GET /events?${seal(instance, query.slice(1))} HTTP/1.1\r\n\r\n`);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [400],
      query,
    );
    assert.ok(!replies[0].lines.some((line) => /evil/i.test(line)));
  }
  assert.equal((await tell('GET /rooms?room=%0d%0a&room="&x=y&&room=stream:* HTTP/1.1\r\n\r\n'))[0].text, '{}');
});

test('the pusher: what the door sealed long ago, or will seal, opens no stream', async () => {
  const query = `room=stream:${instance.env.TRACE_STREAM}~0~-&principal=${instance.env.TRACE_PERSONA}&at=${Date.now()}000`;
  const now = process.hrtime.bigint();
  for (const made of [now - 31_000_000_000n, now + 60_000_000_000n]) {
    const [{ status, text }] = await tell(`GET /events?${seal(instance, query, made)} HTTP/1.1\r\n\r\n`);
    assert.equal(status, 200, 'any other status would be final to an EventSource');
    assert.match(text, /^retry: \d+\nevent: unavailable\n/);
  }
  const sealed = seal(instance, query);
  for (const forged of [sealed.replace('~0~', '~1~'), sealed.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))])
    assert.equal((await tell(`GET /events?${forged} HTTP/1.1\r\n\r\n`))[0].status, 403, forged);
  assert.ok((await metric(instance, 'trace_pusher_closed_total', { reason: 'forged' })) >= 4);
});

test('the pusher: one request a connection, whatever follows it', async () => {
  const health = 'GET /healthz HTTP/1.1\r\n\r\n';
  assert.deepEqual(
    (await tell(health + health)).map(({ status }) => status),
    [200],
  );
  assert.deepEqual(
    (await tell(`${health}POST /events HTTP/1.1\r\n\r\n`)).map(({ status }) => status),
    [200],
  );
  assert.deepEqual(
    (await tell(health + 'x'.repeat(100_000))).map(({ status }) => status),
    [200],
  );
});

// Sends everything before it reads anything, and takes no error for an answer: a connection that is closed with unread
// bytes is reset, and the reset discards what its peer has not read.
function tellThenRead(bytes) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    const socket = connect(socketOf('pusher-1.http'), () => socket.write(bytes, () => socket.resume()));
    socket.pause();
    socket.on('data', (more) => pieces.push(more));
    socket.on('error', reject);
    socket.on('end', () => resolve(takeReplies(Buffer.concat(pieces))));
  });
}

test('the pusher: what it answers arrives whole, whatever was sent behind the request', async () => {
  const behind = 'x'.repeat(500_000);
  const requests = [
    ['GET /healthz HTTP/1.1\r\n\r\n', 200],
    ['POST /events HTTP/1.1\r\nContent-Length: 500000\r\n\r\n', 405],
    ['GET /events?room=x HTTP/1.1\r\n\r\n', 403],
    ['GET /nothing HTTP/1.1\r\n\r\n', 404],
    ['no head\r\n\r\n', 400],
  ];
  for (const [request, status] of requests)
    assert.deepEqual(
      (await tellThenRead(request + behind)).map((reply) => reply.status),
      [status],
      request,
    );
  const ended = await tell('GET /metrics HTTP/1.1\r\n\r\n', { end: true });
  assert.equal(ended[0].status, 200, 'a client that has ended its side is answered too');
  assert.equal(String(ended[0].text.length), ended[0].headers.get('content-length'));
});

test('the pusher: a client that goes on after its answer is waited for only so long', async () => {
  const open = (body) =>
    new Promise((resolve) => {
      const socket = connect({ path: socketOf('pusher-1.http'), allowHalfOpen: true }, () => socket.write(body));
      let answer = '';
      let isAnswered = false;
      socket.on('data', (more) => (answer += more));
      // Its side is over, and ours stays open: only the pusher can end it.
      socket.on('end', () => {
        isAnswered = answer.startsWith('HTTP/1.1 200');
        const more = setInterval(() => socket.write('x'), 50);
        socket.on('close', () => clearInterval(more));
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(isAnswered));
    });
  assert.equal(await open('GET /healthz HTTP/1.1\r\n\r\n'), true);
});

test('the pusher: heads that never arrive are ended, those that break off are forgotten', async () => {
  const slow = Array.from({ length: 50 }, () => tell('GET /healthz HTTP/1.1\r\nX: '));
  const broken = Array.from({ length: 50 }, () => tell('GET /healthz HTTP/1.1\r\nX: ', { end: true }));
  assert.equal((await tell('GET /healthz HTTP/1.1\r\n\r\n'))[0].status, 200);
  for (const replies of await Promise.all([...slow, ...broken]))
    assert.ok(replies.length === 0 || replies[0].status >= 400);
});

const FASTCGI = ['trace-api', 'workspace-api'];
const good = (more) => ({ REQUEST_METHOD: 'GET', REQUEST_URI: '/api/auth/me', REMOTE_ADDR: '127.0.0.1', ...more });
const health = (name) => (name === 'trace-api' ? `/api/workspaces/${agent.workspace}/agent-sessions` : '/api/auth/me');

// Each is whole for both workers, and for more than there are.
test('FastCGI: bytes that are not a request', async () => {
  const bad = [
    Buffer.alloc(0),
    Buffer.from([1]),
    random(64, 3),
    random(5000, 4),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    begin(),
    begin(1, { version: 9 }),
    begin(2),
    begin(77),
    record(4, 'x'),
    Buffer.concat([begin(), begin(1, { id: 2 })]),
    Buffer.concat([begin(), record(99, 'abc')]),
    Buffer.concat([begin(), record(2)]),
    // Parameters that say to be longer than there is, by one, by 2 GiB, and without an end.
    Buffer.concat([begin(), record(4, Buffer.from([4, 5, 0x61])), record(4)]),
    Buffer.concat([begin(), record(4, Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 0x61])), record(4)]),
    Buffer.concat([begin(), record(4, Buffer.from([128])), record(4)]),
    Buffer.concat([begin(), record(4, 'x', { length: 60_000 })]),
  ];
  for (const name of FASTCGI)
    for (const bytes of bad)
      for (let i = 0; i < 3; i++) {
        const reply = await ask(socketOf(`${name}.sock`), bytes);
        assert.ok(
          !reply.status || reply.status === 400 || reply.status === 404 || reply.status === 405 || reply.status === 401,
          `${name}: ${reply.status} to ${bytes.subarray(0, 24).toString('hex')}`,
        );
      }
});

test('FastCGI: invalid variables', async () => {
  const bearer = `Bearer ${agent.token}`;
  const bytes = Buffer.from(Array.from({ length: 255 }, (_, i) => i + 1)).toString('latin1');
  const cases = [
    [{}, [404, 405]],
    [{ REQUEST_METHOD: 'GET' }, [404]],
    [good({ REQUEST_URI: '' }), [404]],
    [good({ REQUEST_URI: `/${bytes}` }), [404, 400]],
    [good({ REQUEST_URI: `/api/auth/me?${'x'.repeat(200_000)}` }), [400, 401, 404]],
    [good({ HTTP_AUTHORIZATION: `Bearer ${bytes}` }), [401, 404]],
    [good({ HTTP_AUTHORIZATION: 'Bearer ' }), [401, 404]],
    [good({ HTTP_COOKIE: `trace_login=${bytes}` }), [401, 404]],
    [good({ HTTP_COOKIE: ';'.repeat(60_000) }), [401, 404]],
  ];
  for (const name of FASTCGI) {
    const uri = health(name);
    const methods = ['', 'GET\r\nX-Evil: 1', 'G'.repeat(70_000)].map((method) => [
      good({ REQUEST_METHOD: method, REQUEST_URI: uri }),
      [405],
    ]);
    for (const [variables, statuses] of [...cases, ...methods]) {
      const reply = await ask(socketOf(`${name}.sock`), request(variables));
      assert.ok(
        statuses.includes(reply.status),
        `${name}: ${reply.status} to ${JSON.stringify(variables).slice(0, 80)}`,
      );
      assert.doesNotMatch(reply.head, /evil/i);
    }
    // What comes back in no header, whatever it is.
    for (const header of [
      'HTTP_IF_NONE_MATCH',
      'HTTP_LAST_EVENT_ID',
      'HTTP_ORIGIN',
      'HTTP_HOST',
      'HTTP_SEC_FETCH_SITE',
      'REMOTE_ADDR',
      'CONTENT_TYPE',
      'QUERY_STRING',
      'HTTP_PROXY',
    ])
      for (const value of [bytes, '\r\nX-Evil: 1\r\n\r\n', '', 'x'.repeat(65_000)]) {
        const reply = await ask(
          socketOf(`${name}.sock`),
          request(good({ REQUEST_URI: uri, HTTP_AUTHORIZATION: bearer, [header]: value })),
        );
        assert.equal(reply.status, 200, `${name} ${header}: ${reply.text.slice(0, 200)}`);
        assert.doesNotMatch(reply.head, /evil/i);
      }
  }
});

test('FastCGI: bodies that are not as long as they say', async () => {
  const targets = {
    'trace-api': `/api/workspaces/${agent.workspace}/agent-sessions`,
    'workspace-api': '/api/auth/login',
  };
  const lengths = [
    ['3', '{}', 400],
    ['9000000', '{}', 413],
    ['-1', '{}', 400],
    ['x', '{}', 400],
    ['2 ', '{}', 400],
    ['0x2', '{}', 400],
    ['9223372036854775807', '{}', 413],
    ['99999999999999999999', '{}', 400],
    ['8388608', '{}', 400],
    ['1', '{}', 400],
  ];
  const count = async () => (await instance.psql('SELECT count(*) AS n FROM agent_sessions'))[0].n;
  const was = await count();
  for (const name of FASTCGI)
    for (const [length, body, status] of lengths) {
      const variables = good({
        REQUEST_METHOD: 'POST',
        REQUEST_URI: targets[name],
        CONTENT_LENGTH: length,
        ...(name === 'trace-api' && { HTTP_AUTHORIZATION: `Bearer ${agent.token}` }),
      });
      assert.equal((await ask(socketOf(`${name}.sock`), request(variables, body))).status, status, `${name} ${length}`);
      const broken = Buffer.concat([begin(), params(variables), record(5, body)]);
      assert.ok(
        [status, undefined, NaN].includes((await ask(socketOf(`${name}.sock`), broken)).status),
        `${name} ${length}, broken off`,
      );
    }
  assert.equal(await count(), was);
});
