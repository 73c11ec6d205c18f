// SPDX-License-Identifier: Apache-2.0
// What the balancer of conf/cluster answers itself has the form of the machines' answers, and is read by the pages of other
// origins that may read those: HAProxy with that configuration, in front of machines that are gone or say nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lib/instance.mjs';
import { until } from '../lib/patience.mjs';

const conf = fileURLToPath(new URL('../../conf', import.meta.url));
const PAGES = 'https://pages.example';
const ports = {};
let silent, answering, closing, balancer;

// The configuration as ./run fills it, but for times that a test would have to wait for.
function configuration(folder) {
  const origins = join(folder, 'origins');
  writeFileSync(origins, execFileSync('sh', [join(conf, 'nginx/origins.sh'), `${PAGES}/, http://[::1]:3000`, 'lines']));
  const filled = readFileSync(join(conf, 'cluster/haproxy.cfg.in'), 'utf8')
    .replaceAll('@ORIGINS@', origins)
    .replaceAll('@UNAVAILABLE@', join(conf, 'cluster/unavailable.http'));
  const one = (name, server) =>
    filled
      .replace('timeout server 75s', 'timeout server 1s')
      .replaceAll('@LISTEN@', `127.0.0.1:${ports[name]}`)
      .replaceAll('@SERVERS@', `    server ${server}`)
      .replace(/^global\n.*?(?=^defaults)/ms, '')
      .replaceAll(/^(frontend|backend) (\w+)/gm, `$1 $2_${name}`)
      .replaceAll(/(use_backend|default_backend) (\w+)/g, `$1 $2_${name}`)
      .replace(/^defaults/m, `defaults ${name}`);
  return [
    'global\n    log stderr format raw local0 notice\n',
    one('gone', 'machine-1 127.0.0.1:1'),
    one('silent', `machine-1 127.0.0.1:${silent.address().port}`),
    one('closing', `machine-1 127.0.0.1:${closing.address().port}`),
    one('up', `machine-1 127.0.0.1:${answering.address().port}`),
  ].join('\n');
}

const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
before(async () => {
  silent = await listening(net.createServer((socket) => socket.on('error', () => {}).resume()));
  closing = await listening(net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end()))); // prettier-ignore
  answering = await listening(
    http.createServer((request, response) => response.writeHead(request.url === '/502' ? 502 : 200).end('a machine')),
  );
  for (const name of ['gone', 'silent', 'closing', 'up']) ports[name] = await freePort();
  const file = join(mkdtempSync(join(tmpdir(), 'agent-trace-balancer-')), 'haproxy.cfg');
  writeFileSync(file, configuration(join(file, '..')));
  balancer = spawn('/usr/sbin/haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  balancer.stderr.on('data', (text) => (said += text));
  const opens = () =>
    new Promise((resolve, reject) => {
      if (balancer.exitCode !== null) reject(new Error(said));
      const socket = net.connect(ports.up, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });
  await until(opens, 'the balancer');
});
after(() => {
  balancer?.kill('SIGKILL');
  silent?.close();
  closing?.close();
  answering?.close();
});

async function ask(name, method, path, headers, body) {
  const reply = await new Promise((resolve, reject) => {
    const request = http.request(
      { port: ports[name], host: '127.0.0.1', method, path, headers, agent: false },
      resolve,
    );
    request.once('error', reject);
    request.end(body);
  });
  let text = '';
  for await (const piece of reply) text += piece;
  return { status: reply.statusCode, headers: reply.headers, text };
}

const sessions = '/api/workspaces/wsp_1/agent-sessions';
const events = '/api/workspaces/wsp_1/events?room=session:ses_1';
for (const [headers, readable] of [
  [{ origin: PAGES }, PAGES],
  [{ origin: 'http://[::1]:3000' }, 'http://[::1]:3000'],
  [{ origin: 'https://other.example' }, undefined],
  [{ origin: `${PAGES}.evil.example` }, undefined],
  [{ origin: PAGES, cookie: 'trace_login=x' }, undefined],
  [{}, undefined],
])
  test(`what the balancer answers is ${readable ? '' : 'not '}read: ${JSON.stringify(headers)}`, async () => {
    const answers = [
      ['gone', 'POST', sessions, 503, 'unavailable', '{}'],
      ['gone', 'POST', `${sessions}/ses_1/steps`, 503, 'unavailable', '{}'],
      ['closing', 'POST', `${sessions}`, 502, 'unavailable', '{}'],
      ['silent', 'POST', sessions, 504, 'timeout', '{}'],
      ['gone', 'GET', events, 200],
      ['silent', 'GET', events, 200],
    ].map(async ([name, method, path, status, code, body]) => {
      const reply = await ask(name, method, path, headers, body);
      const what = `${method} ${path} ${name}`;
      assert.equal(reply.status, status, what);
      assert.equal(reply.headers['access-control-allow-origin'], readable, what);
      assert.equal(reply.headers['access-control-allow-methods'], undefined, what);
      assert.equal(reply.headers['access-control-allow-credentials'], undefined, what);
      if (readable) assert.match(reply.headers['access-control-expose-headers'], /\bRetry-After, Trace-Time\b/);
      assert.ok(Math.abs(Number(reply.headers['trace-time']) - Date.now()) < 60_000, what);
      if (status === 200) {
        assert.match(reply.text, /^event: unavailable$/m);
        return;
      }
      assert.equal(reply.headers['content-type'], 'application/problem+json');
      assert.equal(JSON.parse(reply.text).code, code);
      assert.equal(reply.headers['retry-after'], '1');
    });
    const asked = { ...headers, 'access-control-request-method': 'POST' };
    const preflights = ['gone', 'silent', 'closing'].map(async (name) => {
      const reply = await ask(name, 'OPTIONS', sessions, asked);
      assert.equal(reply.status === 200, readable !== undefined, `OPTIONS ${name}: ${reply.status}`);
      assert.equal(reply.headers['access-control-allow-headers'], readable && 'Authorization, *');
    });
    await Promise.all([...answers, ...preflights]);
  });

test('of what a machine answers it says nothing', async () => {
  for (const path of [sessions, '/502']) {
    const reply = await ask('up', 'GET', path, { origin: PAGES });
    assert.equal(reply.text, 'a machine');
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
    assert.equal(reply.headers['trace-time'], undefined);
  }
});
