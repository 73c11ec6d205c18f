// SPDX-License-Identifier: Apache-2.0
// What nginx answers in a program's place is read by the pages of other origins that may read the program's answers, and
// by no others: a page learns that something is away for a second, not merely that fetch failed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { giveUpAfter, until } from '../lib/patience.mjs';
import { openEvents } from '../lib/sse.mjs';
import { World } from './session_world.mjs';

// Longer than a bucket of nginx's tables.
const LONG = `https://${'a-long-name.'.repeat(12)}example:8443`;
const PAGES = 'https://pages.example';
let world;

before(async () => {
  world = await World.make({
    env: { TRACE_CORS_ORIGINS: `${PAGES}/, ${LONG}, https://PAGES.example,http://[::1]:3000` },
  });
});
after(() => world?.instance.stop());

const ASKED = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
const ask = (path, origin) => world.nobody.request('OPTIONS', path, undefined, { ...ASKED, origin });

async function without(sockets, run) {
  const paths = sockets.map((name) => `${world.instance.state}/sock/${name}`);
  for (const path of paths) renameSync(path, `${path}.away`);
  try {
    await run();
  } finally {
    for (const path of paths) renameSync(`${path}.away`, path);
  }
}

// The headers of the answer to a request that no client library sends.
function raw(line, headers, body = '', port = world.instance.port) {
  return new Promise((resolve, reject) => {
    let text = '';
    const lines = Object.entries({ host: 'x', connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`),
    );
    socket.on('error', reject).on('close', () => reject(new Error(`no head in ${text}`)));
    socket.on('data', (more) => {
      text += more;
      if (!text.includes('\r\n\r\n')) return;
      const [status, ...rest] = text.split('\r\n\r\n')[0].split('\r\n');
      const fields = rest.map((one) => one.split(/: (.*)/).slice(0, 2));
      resolve({ status: Number(status.split(' ')[1]), headers: new Headers(fields) });
      socket.destroy();
    });
    socket.setTimeout(giveUpAfter(5000), () => socket.destroy(new Error(`no end after ${text}`)));
  });
}

function assertReadable(reply, origin, what) {
  const allowed = reply.headers.get('access-control-allow-origin');
  assert.equal(allowed, origin ?? null, `${what}: ${reply.status} allows ${allowed}`);
  const exposed = reply.headers.get('access-control-expose-headers');
  if (origin) assert.match(exposed ?? '', /\bETag, Retry-After, Trace-Time\b/, what);
  else assert.equal(exposed, null, what);
  assert.equal(reply.headers.get('access-control-allow-credentials'), null, what);
}

// Each is asked as whoever it says, and expected to be readable or not.
async function eachOrigin(run) {
  for (const origin of [PAGES, LONG, 'http://[::1]:3000']) await run({ origin }, origin);
  for (const origin of ['https://other.example', `${PAGES}.evil.example`, 'https://pagesXexample', 'null'])
    await run({ origin }, undefined);
  await run({}, undefined);
  await run({ origin: PAGES, cookie: 'trace_login=x' }, undefined);
}

// Not an address or a head that is too long: by then nginx has not read whose page asks.
test("nginx's refusals of a request are read where the programs' are", async () => {
  const sessions = `/api/workspaces/${world.ids.ws}/agent-sessions`;
  await eachOrigin(async (headers, readable) => {
    for (const [line, status, more = {}, body] of [
      [`POST ${sessions}`, 400, { 'transfer-encoding': 'chunked' }, 'xyz\r\n'],
      [`TRACE ${sessions}`, 405],
      [`POST ${sessions}`, 413, { 'content-length': 9 * 1024 * 1024 }],
      ['POST /ingest/otlp/v1/traces', 413, { 'content-length': 65 * 1024 * 1024 }],
      ['POST /ingest/genkit/x/api/traces', 413, { 'content-length': 65 * 1024 * 1024 }],
      [`GET /api/workspaces/${world.ids.ws}/events`, 400, { 'transfer-encoding': 'chunked' }, 'xyz\r\n'],
    ]) {
      const reply = await raw(line, { ...headers, ...more }, body);
      assert.equal(reply.status, status, line.slice(0, 80));
      assertReadable(reply, readable, line.slice(0, 80));
      assert.equal(reply.headers.get('retry-after'), null);
      assert.equal(reply.headers.get('allow') !== null, status === 405);
    }
  });
});

test('so is a flood that is throttled', async () => {
  const tried = (headers) => world.nobody.post('/api/auth/login', {}, headers);
  for (const [headers, readable] of [
    [{ origin: PAGES }, PAGES],
    [{ origin: 'https://other.example' }, undefined],
  ]) {
    const replies = await Promise.all(Array.from({ length: 160 }, () => tried(headers)));
    const throttled = replies.find((reply) => reply.status === 429);
    assert.equal(throttled?.code, 'too_many_attempts');
    assert.equal(throttled.headers.get('retry-after'), '1');
    assertReadable(throttled, readable, '429');
  }
});

test('and that a program is away: the question before the request is answered in its place', async () => {
  await without(['trace-api.sock', 'workspace-api.sock', 'ingest-api.sock', 'sign-in.sock'], () =>
    eachOrigin(async (headers, readable) => {
      for (const path of [
        'agent-sessions',
        'streams',
        '/ingest/otlp/v1/traces',
        '/ingest/genkit/x/api/traces',
        '/mcp',
      ]) {
        const reply = (await world.agent.post(path, {}, headers)).expect(502);
        assert.equal(reply.code, 'unavailable');
        assert.equal(reply.headers.get('retry-after'), '1');
        assertReadable(reply, readable, path);
        assert.equal(reply.headers.get('access-control-allow-methods'), null);
        if (headers.cookie) continue; // no browser sends one along with its question
        const answer = (await ask(path, headers.origin ?? '')).expect(readable ? 204 : 502);
        assertReadable(answer, readable, `OPTIONS ${path}`);
        if (!readable) continue;
        assert.match(answer.headers.get('access-control-allow-methods'), /\bPOST\b.*\bDELETE\b/);
        assert.equal(answer.headers.get('access-control-allow-headers'), 'Authorization, *');
      }
    }),
  );
});

test('and that streams are', async () => {
  const session = await world.session();
  const ways = [
    ['GET', `events?room=session:${session}`, 200],
    ['GET', `agent-sessions/${session}/stream`, 502],
    ['POST', `agent-sessions/${session}/ag-ui`, 502],
  ];
  for (const away of ['pusher-1.http', 'workspace-api.sock'])
    await without([away, ...(away === 'pusher-1.http' ? ['pusher-1.handoff'] : [])], () =>
      eachOrigin(async (headers, readable) => {
        for (const [method, path, status] of ways) {
          const reply = (await world.reader.request(method, path, undefined, headers)).expect(status);
          assert.match(reply.text, status === 200 ? /^event: unavailable$/m : /"unavailable"/);
          assertReadable(reply, readable, `${path} without ${away}`);
        }
        if (away === 'pusher-1.http' || !readable) return;
        const answer = (await ask(`events?room=session:${session}`, headers.origin)).expect(200);
        assert.equal(answer.headers.get('access-control-allow-headers'), 'Authorization, *');
      }),
    );
});

// A socket that nginx would hand over comes back to it, so that the refusal has nginx's form, whoever makes it.
test('and that a pusher has no place for another room', async () => {
  const full = await World.make({ env: { TRACE_CORS_ORIGINS: PAGES, TRACE_PUSHER_ROOMS: '1' } });
  try {
    const [taken, other] = [await full.session(), await full.session()];
    const held = await openEvents(full.reader, [`session:${taken}`]);
    assert.equal(held.status, 200);
    await until(() => held.events.some(({ type }) => type === 'ready'), 'the first stream');
    const event = (await full.reader.get(`events?room=session:${other}`, { origin: PAGES })).expect(200);
    assert.match(event.text, /^event: unavailable$/m);
    assertReadable(event, PAGES, 'a full pusher');
    const message = (await full.reader.get(`agent-sessions/${other}/stream`, { origin: PAGES })).expect(502);
    assert.equal(message.code, 'unavailable');
    assertReadable(message, PAGES, 'a full pusher in another dialect');
    held.close();
  } finally {
    await full.instance.stop();
  }
});

const workersOf = (instance) =>
  execFileSync('pgrep', ['-P', `${instance.pid('nginx')}`], { encoding: 'utf8' })
    .trim()
    .split('\n');

// Programs that take a request and say nothing: nginx's patience ends, which is made shorter here. A body that does not
// come is no answer's matter: nginx closes the connection.
test('and that something took too long', async () => {
  const slow = await World.make({ env: { TRACE_CORS_ORIGINS: PAGES } });
  const sockets = ['trace-api.sock', 'workspace-api.sock'].map((name) => `${slow.instance.state}/sock/${name}`);
  const silent = sockets.map(() => createServer((socket) => socket.on('error', () => {}).resume()));
  try {
    const file = `${slow.instance.state}/nginx.conf`;
    const shorter = readFileSync(file, 'utf8').replace('fastcgi_read_timeout 60s', 'fastcgi_read_timeout 1s');
    writeFileSync(file, shorter);
    const old = workersOf(slow.instance);
    process.kill(slow.instance.pid('nginx'), 'SIGHUP');
    await until(() => !workersOf(slow.instance).some((pid) => old.includes(pid)), 'the old workers to end');
    for (const [i, server] of silent.entries()) {
      renameSync(sockets[i], `${sockets[i]}.away`);
      await new Promise((resolve) => server.listen(sockets[i], resolve));
      chmodSync(sockets[i], 0o666);
    }
    const { port } = slow.instance;
    const sessions = `/api/workspaces/${slow.ids.ws}/agent-sessions`;
    for (const [headers, readable] of [
      [{ origin: PAGES }, PAGES],
      [{ origin: 'https://other.example' }, undefined],
      [{ origin: PAGES, cookie: 'trace_login=x' }, undefined],
    ]) {
      for (const [line, more, status] of [
        [`GET ${sessions}`, {}, 504],
        [`GET /api/workspaces/${slow.ids.ws}/streams`, {}, 504],
        [`POST ${sessions}`, { 'content-length': 0 }, 504],
        [`GET /api/workspaces/${slow.ids.ws}/events`, {}, 200],
      ]) {
        const reply = await raw(line, { ...headers, ...more }, '', port);
        assert.equal(reply.status, status, line);
        assertReadable(reply, readable, `${line}: ${status}`);
        assert.equal(reply.headers.get('retry-after'), status === 504 ? '1' : null);
      }
      if (!readable) continue;
      const asked = await raw(`OPTIONS ${sessions}`, { ...headers, ...ASKED }, '', port);
      assert.equal(asked.status, 204);
      assertReadable(asked, readable, 'OPTIONS');
    }
  } finally {
    for (const server of silent) server.close();
    await slow.instance.stop();
  }
});
