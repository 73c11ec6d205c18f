// SPDX-License-Identifier: Apache-2.0
// Bytes that are not HTTP, or are more than one request: always a clean refusal, never another request's answer, and
// nothing is changed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { reportIfSlow } from '../lib/patience.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';
import { exchange } from './input_wire.mjs';

let instance, person, agent, bearer, pids;
const programs = ['nginx', 'trace-api', 'workspace-api', 'trace-pusher'];

before(async () => {
  instance = await start();
  person = await personOf(instance);
  agent = agentOf(instance);
  bearer = `Authorization: Bearer ${agent.token}\r\n`;
  pids = programs.map((name) => instance.pid(name));
});
after(async () => {
  if (!instance) return;
  await instance.waitHealthy();
  assert.deepEqual(
    programs.map((name) => instance.pid(name)),
    pids,
    'no program had to be restarted',
  );
  for (const name of ['trace-api', 'workspace-api', 'trace-pusher'])
    assert.doesNotMatch(instance.log(name), / error |signal|sanitizer/i, name);
  await instance.stop();
});

function isProblem(reply, ...statuses) {
  assert.ok(reply, 'there is an answer');
  assert.ok(statuses.includes(reply.status), `${reply.status}: ${reply.text.slice(0, 300)}`);
  assert.equal(reply.headers.get('content-type'), 'application/problem+json');
  assert.match(reply.headers.get('trace-time') ?? '', /^\d{13}$/);
  const problem = JSON.parse(reply.text);
  assert.equal(problem.status, reply.status);
  for (const field of ['title', 'detail', 'code']) assert.equal(typeof problem[field], 'string');
}

const HOST = 'Host: x\r\n';
const heads = {
  'a control character in the target': 'GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a space in the target': 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n',
  'no version of HTTP': 'GET /api/auth/me HTTP/9.9\r\nHost: x\r\n\r\n',
  'a version that is none': 'GET /api/auth/me HTCPCP/1.0\r\nHost: x\r\n\r\n',
  'a method in small letters': 'get /api/auth/me HTTP/1.1\r\nHost: x\r\n\r\n',
  'no Host': 'GET /api/auth/me HTTP/1.1\r\n\r\n',
  'two Hosts': `GET /api/auth/me HTTP/1.1\r\n${HOST}Host: y\r\n\r\n`,
  'a Host that is none': 'GET /api/auth/me HTTP/1.1\r\nHost: a/../b\0\r\n\r\n',
  'a header of 9,000 bytes': `GET /api/auth/me HTTP/1.1\r\n${HOST}X: ${'x'.repeat(9000)}\r\n\r\n`,
  'headers of 40,000 bytes': `GET /api/auth/me HTTP/1.1\r\n${HOST}${`X-Y: ${'x'.repeat(7000)}\r\n`.repeat(6)}\r\n`,
  'a cookie of 9,000 bytes': `GET /api/auth/me HTTP/1.1\r\n${HOST}Cookie: trace_login=${'x'.repeat(9000)}\r\n\r\n`,
  'a NUL in a header': `GET /api/auth/me HTTP/1.1\r\n${HOST}Cookie: trace_login=\0\r\n\r\n`,
  'two lengths': `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
  'a length that is none': `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: two\r\n\r\n{}`,
  'a negative length': `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n{}`,
  'a length beyond 64 bits': `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999\r\n\r\n{}`,
  'a length and chunks': `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'an encoding that nobody knows': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\n\r\n{}`,
  'chunks twice': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'chunks of letters': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n`,
  'a negative chunk': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n`,
  'a chunk beyond 64 bits': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
  'a chunk longer than it says': `POST /api/auth/login HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`,
  TLS: Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10, 13, 10]),
};

// The routes of workspace-api, and the same at trace-api.
for (const [name, bytes] of Object.entries(heads))
  test(`${name} is a bad request`, async () => {
    isProblem((await exchange(instance.port, bytes))[0], 400, 405);
    const [line, path] = [/^(GET|POST) \/api\/auth\/(me|login)/, `/api/workspaces/${agent.workspace}/agent-sessions`];
    if (line.test(bytes))
      isProblem(
        (await exchange(instance.port, bytes.replace(line, `$1 ${path}`).replace(HOST, HOST + bearer)))[0],
        400,
      );
  });

test('headers of any bytes reach no header, no line and no log', async () => {
  const { TRACE_STREAM: room } = instance.env;
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i).filter((i) => ![0, 10, 13].includes(i)));
  const values = [
    bytes,
    Buffer.from('\xed\xa0\x80', 'latin1'),
    Buffer.from('\xff\xfe zzheader'),
    Buffer.from('a\r b'),
    Buffer.from('%0d%0aX-Evil: 1'),
  ];
  const names = [
    'Authorization',
    'Cookie',
    'Last-Event-ID',
    'If-None-Match',
    'Origin',
    'Sec-Fetch-Site',
    'User-Agent',
    'Referer',
    'X-Forwarded-For',
    'X-Accel-Redirect',
    'Accept',
    'Content-Type',
    'Range',
    'Proxy',
    'Upgrade',
    'Expect',
  ];
  for (const path of [
    '/api/auth/me',
    `/api/workspaces/${agent.workspace}/agent-sessions`,
    `/api/workspaces/${agent.workspace}/events?room=stream:${room}~`,
    '/index.html',
    '/healthz',
  ])
    for (const name of names)
      for (const value of values) {
        const head = Buffer.from(`GET ${path} HTTP/1.1\r\n${HOST}${name === 'Authorization' ? '' : bearer}${name}: `);
        const [reply] = await exchange(instance.port, Buffer.concat([head, value, Buffer.from('\r\n\r\n')]));
        const what = `${path} ${name} ${value.toString('latin1').slice(-20)}`;
        assert.ok(reply && reply.status < 500, `${what}: ${reply?.status}`);
        if (reply.status >= 400) isProblem(reply, 400, 401, 404, 405);
        assert.ok(!reply.lines.some((line) => /evil|zzheader/i.test(line)), what);
      }
  for (const name of programs) assert.doesNotMatch(instance.log(name), /zzheader|X-Evil/, name);
});

test('odd conditions and ranges in requests for a page', async () => {
  for (const line of ['If-Match: "x"', 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT', 'Range: bytes=99999999-'])
    for (const path of ['/', '/app.js', '/index.html']) {
      const [reply] = await exchange(instance.port, `GET ${path} HTTP/1.1\r\n${HOST}${line}\r\n\r\n`);
      if (reply.status >= 400) isProblem(reply, 400, 404);
    }
});

test('unknown methods', async () => {
  for (const method of ['TRACE', 'CONNECT', 'OPTIONS', 'PUT', 'PROPFIND', 'BREW', 'X'.repeat(200)])
    for (const path of [
      '/',
      '/api/auth/me',
      '/healthz',
      `/api/workspaces/${agent.workspace}/events`,
      `/api/workspaces/${agent.workspace}/agent-sessions`,
    ])
      isProblem((await exchange(instance.port, `${method} ${path} HTTP/1.1\r\n${HOST}${bearer}\r\n`))[0], 400, 405);
});

test('tricky paths', async () => {
  const ws = agent.workspace;
  const paths = [
    '/api/../api/auth/me',
    '/api/%2e%2e/api/auth/me',
    '/api/./auth/me',
    '//api/auth/me',
    '/api//auth/me',
    '/api/auth/me/',
    '/api/auth/me;x=1',
    '/api/auth/me%00',
    '/api/auth/me%20',
    '/api/auth/%6d%65%',
    '/api/auth/me%ff',
    '/api/auth\\me',
    '/API/auth/me',
    '/api/auth/..;/me',
    `/api/workspaces/${ws}/agent-sessions/../../../auth/me`,
    `/api/workspaces/${ws}/agent-sessions/%2e%2e/%2e%2e/%2e%2e/auth/me`,
    `/api/workspaces/${ws}/agent-sessions%2fx`,
    `/api/workspaces/${ws};/agent-sessions`,
    `/api/workspaces/${ws.toLowerCase()}/agent-sessions`,
    `/api/workspaces/${ws}/events/`,
    `/api/workspaces/${ws}/events%2f`,
    `/api/workspaces//events?room=user:me`,
    `/api/workspaces/${ws}/x/../events?room=user:me`,
    '/api/workspaces/ws_/agent-sessions',
    `/api/workspaces/${ws}x/agent-sessions`,
    `/api/workspaces/usr_${ws.slice(3)}`,
    `/api/workspaces/${ws}'--`,
    '/internal/pusher/1?room=x',
    '/api/../internal/pusher/1?room=x',
    '/%69nternal/unavailable',
    '/internal/problem/500',
    '/metrics',
    '/api/metrics',
    '/%6detrics',
    '//metrics',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2f..%2fetc/passwd',
    '/static/../../nginx.conf',
    '/vendor/..%2f..%2fnginx.conf',
    '/.git/config',
    '/demo.env',
    '/w',
    '/index.html/x',
    '/index.html%00.js',
    `http://evil.example/metrics`,
  ];
  for (const path of paths)
    for (const credential of ['', bearer, `Cookie: ${person.cookie}\r\n`]) {
      const [reply] = await exchange(instance.port, `GET ${path} HTTP/1.1\r\n${HOST}${credential}\r\n`);
      assert.ok(reply?.status === 400 || reply?.status === 404, `${path}: ${reply?.status}`);
      isProblem(reply, 400, 404);
    }
});

test('another spelling of a path is the same path, with the same access', async () => {
  const { workspace: ws } = agent;
  for (const path of [
    '/api/auth%2fme',
    '/%61pi/auth/me',
    `/api/workspaces/${ws}%2Fagent-sessions`,
    `/api/workspaces/${ws.replace('0', '%30')}/agent-sessions`,
  ]) {
    isProblem((await exchange(instance.port, `GET ${path} HTTP/1.1\r\n${HOST}\r\n`))[0], 401);
    assert.equal((await exchange(instance.port, `GET ${path} HTTP/1.1\r\n${HOST}${bearer}\r\n`))[0].status, 200, path);
  }
});

test('several callers on one connection each get their own answers, in order', async () => {
  const ask = (credential, more = '') => `GET /api/auth/me HTTP/1.1\r\n${HOST}${credential}${more}\r\n`;
  const cookie = `Cookie: ${person.cookie}\r\n`;
  const replies = await exchange(instance.port, ask(cookie) + ask(bearer) + ask('') + ask(cookie) + ask(bearer), {
    replies: 5,
  });
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 401, 200, 200],
  );
  assert.deepEqual(
    replies.map(({ text }) => 'persona' in JSON.parse(text)),
    [false, true, false, false, true],
  );
  assert.equal(replies[2].text.includes(instance.env.TRACE_EMAIL), false);
});

test('a request in the body of another is not executed', async () => {
  const path = `/api/workspaces/${agent.workspace}/agent-sessions`;
  const inner = `POST ${path} HTTP/1.1\r\n${HOST}${bearer}Content-Length: 2\r\n\r\n{}`;
  const count = async () => (await agent.get('agent-sessions?limit=500')).body.sessions.length;
  const sessions = await count();
  const [first] = await exchange(
    instance.port,
    `GET /api/auth/me HTTP/1.1\r\n${HOST}${bearer}Content-Length: ${inner.length}\r\n\r\n${inner}`,
  );
  assert.equal(first.status, 200);
  const door = await exchange(
    instance.port,
    `GET /api/workspaces/${agent.workspace}/events?room=bad HTTP/1.1\r\n${HOST}${bearer}Content-Length: ${inner.length}\r\nConnection: close\r\n\r\n${inner}`,
    { replies: 2 },
  );
  assert.equal(door.length, 1);
  isProblem(door[0], 400);
  const spilt = await exchange(
    instance.port,
    `POST /api/auth/login HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}GARBAGE\r\n\r\n`,
    { replies: 2 },
  );
  assert.deepEqual(
    spilt.map(({ status }) => status),
    [400, 400],
  );
  assert.equal(await count(), sessions);
});

test('bodies that never arrive hold nobody up, and are ended', async () => {
  const path = `/api/workspaces/${agent.workspace}/agent-sessions`;
  const head = `POST ${path} HTTP/1.1\r\n${HOST}${bearer}Content-Type: application/json\r\n`;
  const begin = performance.now();
  // More than there are workers.
  const slow = Array.from({ length: 60 }, (_, i) =>
    exchange(
      instance.port,
      [
        `${head}${i % 2 ? 'Content-Length: 100' : 'Transfer-Encoding: chunked'}\r\n\r\n`,
        i % 2 ? '{"title":' : '5\r\n{"tit',
      ],
      { replies: 2 },
    ),
  );
  let ended = 0;
  for (const one of slow) one.then(() => (ended += 1));
  const heads = Array.from({ length: 20 }, () =>
    exchange(instance.port, 'GET /api/auth/me HTTP/1.1\r\nHost: x\r\nX-Slow: '),
  );
  for (let i = 0; i < 20; i++) (await agent.get('agent-sessions')).expect(200);
  assert.ok(ended < slow.length, 'others were answered meanwhile');
  for (const [reply] of await Promise.all([...slow, ...heads])) if (reply) isProblem(reply, 400, 408);
  reportIfSlow('the end of bodies that never come', performance.now() - begin, 35_000);
});

test('a body that breaks off writes nothing', async () => {
  const path = `/api/workspaces/${agent.workspace}/agent-sessions`;
  const [{ n: before }] = await instance.psql('SELECT count(*)::integer AS n FROM agent_sessions');
  for (const rest of [
    'Content-Length: 100\r\n\r\n{"title":"half"}',
    'Transfer-Encoding: chunked\r\n\r\n10\r\n{"title":"half"}\r\n',
    'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0',
  ])
    for (const reply of await exchange(instance.port, `POST ${path} HTTP/1.1\r\n${HOST}${bearer}${rest}`, {
      end: true,
    }))
      isProblem(reply, 400, 408);
  const [{ n: later }] = await instance.psql('SELECT count(*)::integer AS n FROM agent_sessions');
  assert.equal(later, before);
});
