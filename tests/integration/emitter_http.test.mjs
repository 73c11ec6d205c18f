// SPDX-License-Identifier: Apache-2.0
// The emitter's HTTP transport against a server that misbehaves.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { drive } from './emitter_driver.mjs';
import { Stub } from './emitter_stub.mjs';
import { giveUpAfter, until } from '../lib/patience.mjs';

const run = promisify(execFile);
const WORKSPACE = 'ws_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const STREAM = 'str_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const WORDS = Array.from({ length: 40 }, (_, k) => `0.${k} 🧵 `).join('');

let stub, env;
beforeEach(async () => {
  stub = new Stub();
  env = {
    TRACE_URL: await stub.start(),
    TRACE_WORKSPACE: WORKSPACE,
    TRACE_TOKEN: 'atk_secret',
    TRACE_REQUEST_MS: '10000',
    TRACE_ACK_MS: '5000',
  };
});
afterEach(() => stub.stop());

const isWrite = (request) => request.method === 'POST' && !/\/(heartbeat|progress)$/.test(request.url);

// Checks that a run of one session and one step is complete.
async function expectWhole(driver) {
  assert.equal(await driver.status, 0, driver.lines.map((line) => line.text).join('\n'));
  assert.equal(stub.sessions.size, 1);
  assert.equal(stub.steps.size, 3);
  assert.equal(stub.messages.size, 1);
  const [session] = stub.sessions.values();
  const [thinking, nested, sent] = stub.steps.values();
  assert.equal(thinking.content, WORDS);
  assert.equal(thinking.usage.outputTokens, 40);
  assert.equal(nested.parentStepId, thinking.id);
  assert.equal(nested.sources[0].url, 'https://weaving.example/a%20b');
  assert.equal(sent.messageId, [...stub.messages.values()][0].id);
  assert.equal(session.responseMessageId, sent.messageId);
  assert.equal(session.status, 'completed');
}

test('requests are plain HTTP/1.1 on persistent connections, and every text is whole', async () => {
  await expectWhole(drive(env, 'run', '1', STREAM));
  for (const { headers, method, body } of stub.requests) {
    assert.equal(headers.authorization, 'Bearer atk_secret');
    assert.equal(headers.expect, undefined);
    if (method === 'POST') assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['transfer-encoding'], undefined);
    if (method === 'POST') assert.equal(Number(headers['content-length']), Buffer.byteLength(body));
  }
  // One connection for the calls, one for the subscription.
  assert.ok(stub.connections.size <= 2, `${stub.connections.size} connections`);
  const told = stub.requests.filter((request) => request.path.endsWith('/progress'));
  const progress = told.map((request) => JSON.parse(request.body));
  const ms = told.at(-1).at - told[0].at;
  assert.ok(
    progress.length >= 2 && progress.length <= 6 + ms / 40,
    `${progress.length} progress requests for 40 words in ${ms} ms`,
  );
  let live = Buffer.alloc(0);
  for (const { content, delta, offset } of progress) {
    if (content === undefined) assert.equal(offset, live.length);
    live = content === undefined ? Buffer.concat([live, Buffer.from(delta)]) : Buffer.from(content);
  }
  assert.ok(WORDS.startsWith(live.toString()));
});

const faults = {
  'the connection is cut before an answer': (request) => request.socket.destroy(),
  'the connection is cut within the answer': (request, response) => {
    stub.answer(request, { writeHead: () => {}, end: () => {} });
    response.writeHead(201, { 'content-length': 100 });
    response.write('{"ses');
    setTimeout(() => request.socket.destroy(), 5);
  },
  'the answer never comes': (request) => stub.answer(request, { writeHead: () => {}, end: () => {} }),
  'the answer is no HTTP': (request) => request.socket.end('what?\r\n\r\n'),
  'a proxy is in the way': (request, response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway'),
  'it is asked to wait some seconds': (request, response) =>
    stub.problem(response, 429, 'slow_down', {}, { 'retry-after': '1' }),
  'it is asked to wait until a date': (request, response) =>
    stub.problem(response, 503, 'unavailable', {}, { 'retry-after': new Date(Date.now() + 1500).toUTCString() }),
  'the answer comes in pieces': (request, response) => {
    let text = '';
    stub.answer(request, { writeHead: (status) => response.writeHead(status), end: (value = '') => (text = value) });
    for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
    response.end();
  },
  'the connection is closed after each answer': (request, response) => {
    response.setHeader('connection', 'close');
    stub.answer(request, response);
  },
};
for (const [name, fault] of Object.entries(faults)) {
  test(`first attempts: ${name}`, async () => {
    const tried = new Set();
    const times = new Map();
    stub.before = (request, response) => {
      const key = request.url + request.text;
      if (isWrite(request) && tried.has(key) && !times.has(key)) times.set(key, performance.now());
      if (!isWrite(request) || tried.has(key)) return false;
      tried.add(key);
      fault(request, response);
      return true;
    };
    const began = performance.now();
    const ms = name === 'the answer never comes' ? '400' : env.TRACE_REQUEST_MS;
    await expectWhole(drive({ ...env, TRACE_REQUEST_MS: ms }, 'run', '1', STREAM));
    // Seven writes, and each had to wait.
    if (name.includes('some seconds')) assert.ok(performance.now() - began >= 6000, 'Retry-After was not respected');
  });
}

test("HTTPS: the server's certificate is verified, against the file that is named", async () => {
  stub.stop();
  const folder = await mkdtemp(join(tmpdir(), 'emitter-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-keyout',
      keyFile,
      '-out',
      certFile,
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ]);
    env.TRACE_URL = await stub.start({ key: await readFile(keyFile), cert: await readFile(certFile) });
    await expectWhole(drive({ ...env, TRACE_CA_FILE: certFile }, 'run', '1', STREAM));
    const seen = stub.requests.length;
    const stranger = drive({ ...env, TRACE_ACK_MS: '300' }, 'run', '1', STREAM);
    assert.match((await stranger.next('log')).join(' '), /the server is away \(.*certificate/i);
    stranger.kill();
    await stranger.status;
    assert.equal(stub.requests.length, seen);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an ending is heard from the subscription within a second', async () => {
  const driver = drive(env, 'wait', STREAM);
  const [sessionId] = await driver.next('session');
  await until(() => stub.streams.has(sessionId), 'the subscription');
  const at = performance.now();
  stub.end(sessionId, 'cancelled');
  assert.deepEqual(await driver.next('ended'), [sessionId, 'cancelled']);
  // Without the subscription the next heartbeat would bring the news, after 15 s.
  assert.ok(performance.now() - at < giveUpAfter(1000));
  assert.equal(await driver.status, 0);
});

test('a refusal is logged, without the token', async () => {
  stub.before = (request, response) => {
    if (isWrite(request)) stub.problem(response, 404, 'not_found');
    return isWrite(request);
  };
  const driver = drive(env, 'run', '1', STREAM);
  await driver.status;
  assert.equal(driver.said('session')[0][1], 'refused');
  assert.match(driver.lines.map((line) => line.text).join('\n'), /creation refused: 404 not_found/);
  assert.doesNotMatch(driver.lines.map((line) => line.text).join('\n'), /secret/);
  assert.equal(stub.requests.filter(isWriteRecord).length, 1);
});

function isWriteRecord({ method, path }) {
  return isWrite({ method, url: path });
}
