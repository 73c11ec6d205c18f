// SPDX-License-Identifier: Apache-2.0
// What nginx itself answers: pages and their policy, its own errors in the common form, and the door's last resort.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { start } from '../lib/instance.mjs';
import { giveUpAfter } from '../lib/patience.mjs';
import { Client, agentOf, personOf } from '../lib/rest.mjs';
import { openEvents } from '../lib/sse.mjs';

let instance, anyone, agent;
before(async () => {
  // What is handed over to the pusher is no longer nginx's to answer (handoff.test.mjs).
  instance = await start({ env: { TRACE_HANDOFF: '0' } });
  anyone = new Client(instance.url);
  agent = agentOf(instance);
});
after(() => instance?.stop());

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify";

// What the server says to these bytes.
function raw(bytes) {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(instance.port, '127.0.0.1', () => socket.end(bytes));
    socket
      .on('data', (more) => (text += more))
      .on('close', () => resolve(text))
      .on('error', reject);
    socket.setTimeout(giveUpAfter(5000), () => socket.destroy(new Error(`no end after ${text}`)));
  });
}

for (const path of ['/', '/login', '/w/ws_1/s/str_1', '/w/ws_1/sessions?status=failed'])
  test(`${path} is the page, under its policy`, async () => {
    const reply = (await anyone.get(path)).expect(200);
    assert.equal(reply.type, 'text/html');
    assert.equal(reply.headers.get('content-security-policy'), policy);
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(reply.headers.get('referrer-policy'), 'same-origin');
    assert.equal(reply.headers.get('cache-control'), 'no-cache');
    const etag = reply.headers.get('etag');
    (await anyone.get(path, { 'if-none-match': etag })).expect(304);
  });

test('modules are JavaScript, compressed, and revalidated', async () => {
  const reply = (await anyone.get('/vendor/preact.js', { 'accept-encoding': 'gzip' })).expect(200);
  assert.match(reply.type, /javascript$/);
  assert.equal(reply.headers.get('content-encoding'), 'gzip');
  (
    await anyone.get('/vendor/preact.js', { 'accept-encoding': 'gzip', 'if-none-match': reply.headers.get('etag') })
  ).expect(304);
});

// A reply as it is on the wire: fetch() would unpack it.
function wire(path, headers = {}, client = agent) {
  return new Promise((resolve, reject) => {
    request(
      instance.url + path,
      { headers: { 'accept-encoding': 'gzip', ...client.credentials(), ...headers } },
      async (reply) => {
        const parts = await reply.toArray();
        resolve({ status: reply.statusCode, headers: reply.headers, bytes: Buffer.concat(parts) });
      },
    )
      .on('error', reject)
      .end();
  });
}

test('long replies are compressed for clients that accept it, and stay conditional', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const lines = Array.from({ length: 50 }, (_, i) =>
    JSON.stringify({ op: 'record', stepType: 'thinking', content: `step number ${i}` }),
  );
  (await agent.post(`agent-sessions/${session}/batch`, lines.join('\n'))).expect(200);
  const path = `/api/workspaces/${agent.workspace}/agent-sessions/${session}`;
  for (const at of [path, `${path}/outline`]) {
    const packed = await wire(at);
    assert.equal(packed.headers['content-encoding'], 'gzip', at);
    assert.match(packed.headers.vary, /accept-encoding/i);
    const plain = await wire(at, { 'accept-encoding': 'identity' });
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.match(plain.headers.vary, /accept-encoding/i);
    assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
    assert.ok(packed.bytes.length * 3 < plain.bytes.length);
    assert.equal(packed.headers.etag, plain.headers.etag);
    assert.match(packed.headers.etag, /^W\//);
    const again = await wire(at, { 'if-none-match': packed.headers.etag });
    assert.equal(again.status, 304);
    assert.equal(again.bytes.length, 0);
  }
});

test('short replies, sign-in and streams are not compressed', async () => {
  assert.equal(
    (await wire(`/api/workspaces/${agent.workspace}/agent-sessions/none`)).headers['content-encoding'],
    undefined,
  );
  await instance.psql(
    `INSERT INTO workspaces (id, name) SELECT 'ws_' || lpad(n::text, 26, '0'), 'Workspace ' || n FROM generate_series(1, 20) n`,
  );
  await instance.psql(`INSERT INTO workspace_members (workspace_id, user_id, slug, role)
    SELECT w.id, u.id, 'reader', 'member' FROM workspaces w, users u WHERE w.name LIKE 'Workspace %'`);
  const me = await wire('/api/auth/me', {}, await personOf(instance));
  assert.ok(me.status === 200 && me.bytes.length > 1024, `${me.status}, ${me.bytes.length} bytes`);
  assert.equal(me.headers['content-encoding'], undefined);
  const stream = await openEvents(agent.with({ headers: { 'accept-encoding': 'gzip' } }), [
    `stream:${instance.env.TRACE_STREAM}`,
  ]);
  await stream.wait('ready');
  assert.equal(stream.headers['content-encoding'], undefined);
  stream.close();
});

test('a path without a page is a problem', async () => {
  for (const path of [
    '/nothing',
    '/build/vendor.mjs',
    '/static/',
    '/vendor/',
    '/internal/problem/400',
    '/internal/unavailable',
    '/internal/pusher/1?room=x',
    '/metrics',
  ])
    assert.equal((await anyone.get(path)).expect(404).code, 'not_found', path);
  assert.equal((await anyone.post('/', {})).expect(405).code, 'method_not_allowed');
});

test("a malformed request is a problem, with the server's clock", async () => {
  for (const bytes of [
    'GET /\x01 HTTP/1.1\r\n\r\n',
    `GET /api HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    'GET / HTTP/1.1\r\n\r\n',
    'GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
  ]) {
    const reply = await raw(bytes);
    assert.match(reply, /^HTTP\/1\.1 400 /, bytes.slice(0, 40));
    assert.match(reply, /\r\nContent-Type: application\/problem\+json\r\n/);
    assert.match(reply, /\r\nTrace-Time: \d{13}\r\n/);
    assert.match(reply, /"code":"bad_request"/);
  }
  assert.match(
    await raw(`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
    /^HTTP\/1\.1 414 [^]*"code":"uri_too_long"/,
  );
});

test('a stream begins with the clock too', async () => {
  const stream = await openEvents(agent, [`stream:${instance.env.TRACE_STREAM}`]);
  await stream.wait('ready').finally(() => stream.close());
  assert.match(stream.headers['trace-time'], /^\d{13}$/);
  assert.equal(stream.headers['x-content-type-options'], 'nosniff');
});

test("at the door nginx's own refusals are problems, and workspace-api's stay as they are", async () => {
  const path = `/api/workspaces/${agent.workspace}/events?room=stream:${instance.env.TRACE_STREAM}`;
  const reply = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`);
  assert.match(reply, /^HTTP\/1\.1 400 [^]*\r\nTrace-Time: \d{13}\r\n[^]*"code":"bad_request"/);
  assert.equal((await agent.get('events?room=nothing')).expect(400).code, 'invalid_query');
  assert.equal((await agent.request('POST', 'events')).expect(405).headers.get('allow'), 'GET, HEAD');
});

test('an unknown method: 405 with the allowed ones, or 404 where there is no path', async () => {
  const sessions = `/api/workspaces/${agent.workspace}/agent-sessions`;
  for (const method of ['OPTIONS', 'PROPFIND', 'BREW']) {
    for (const [path, allow] of [
      [sessions, 'POST, GET, HEAD'],
      ['/api/auth/me', 'GET, HEAD'],
      ['/api/auth/login', 'POST'],
      ['/healthz', 'GET, HEAD'],
      ['/login', 'GET, HEAD'],
    ]) {
      const reply = (await agent.request(method, path)).expect(405);
      assert.deepEqual([reply.code, reply.headers.get('allow')], ['method_not_allowed', allow], `${method} ${path}`);
    }
    for (const path of ['/api/nothing', `${sessions}/nothing`])
      assert.equal((await agent.request(method, path)).expect(404).code, 'not_found', path);
  }
  for (const line of ['TRACE /api/auth/me', 'TRACE /', 'POST /', 'CONNECT /'])
    assert.match(
      await raw(`${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`),
      /^HTTP\/1\.1 405 [^]*\r\nAllow: GET, HEAD/,
      line,
    );
});

test('bodies are limited to 8 MiB, batches to 16 MiB', async () => {
  const session = (await agent.post('agent-sessions', {})).expect(201).body.session.id;
  const large = (mebibytes) => `{"x":"${'x'.repeat(mebibytes * 1024 * 1024)}"}`;
  assert.equal((await agent.post(`agent-sessions/${session}/steps`, large(8))).expect(413).code, 'body_too_large');
  assert.equal((await agent.post(`agent-sessions/${session}/batch`, large(16))).expect(413).code, 'body_too_large');
  assert.notEqual((await agent.post(`agent-sessions/${session}/batch`, large(15))).status, 413);
});

test('a missing program is 502 with Retry-After', async () => {
  const socket = `${instance.state}/sock/trace-api.sock`;
  renameSync(socket, `${socket}.away`);
  try {
    const reply = (await agent.get('agent-sessions')).expect(502);
    assert.equal(reply.code, 'unavailable');
    assert.equal(reply.headers.get('retry-after'), '1');
    assert.match(reply.headers.get('trace-time'), /^\d{13}$/);
  } finally {
    renameSync(`${socket}.away`, socket);
  }
});

for (const name of ['pusher-1.http', 'workspace-api.sock'])
  test(`an EventSource while ${name} is away: 200, a time to come back, unavailable`, async () => {
    const socket = `${instance.state}/sock/${name}`;
    renameSync(socket, `${socket}.away`);
    try {
      const times = new Set();
      for (let i = 0; i < 12; i++) {
        const stream = await openEvents(agent, [`stream:${instance.env.TRACE_STREAM}`]);
        await stream.ended;
        assert.equal(stream.status, 200);
        assert.deepEqual(stream.violations, []);
        assert.deepEqual(
          stream.events.map((event) => event.type),
          ['unavailable'],
        );
        assert.ok(stream.retry >= 1000 && stream.retry <= 4000);
        times.add(stream.retry);
        stream.close();
      }
      assert.ok(times.size > 1, 'not all come back in the same second');
    } finally {
      renameSync(`${socket}.away`, socket);
    }
  });

test('no answer reveals versions, and nginx keeps no access log', async () => {
  assert.equal((await anyone.get('/')).headers.get('server'), 'nginx');
  assert.ok(!instance.log('nginx').includes(instance.env.TRACE_TOKEN));
});
