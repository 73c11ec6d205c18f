// SPDX-License-Identifier: Apache-2.0
// What a call makes of an answer that is none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { apiGet, ApiError, apiPost } from '../../../static/api.js';

const answer = (text) => ({ ok: true, status: 200, headers: new Headers(), text });

test('an answer that breaks off is worth asking again, as none at all is', async () => {
  for (const broken of [async () => Promise.reject(new TypeError('Failed to fetch')), async () => '{"events": [']) {
    globalThis.fetch = async () => answer(broken);
    await assert.rejects(
      apiGet('/auth/me'),
      (error) => error instanceof ApiError && error.isTemporary && error.code === 'incomplete_body',
    );
  }
});

test('what was given up is no failure', async () => {
  globalThis.fetch = async () => answer(async () => Promise.reject(new DOMException('given up', 'AbortError')));
  await assert.rejects(apiGet('/auth/me'), { name: 'AbortError' });
});

// A server that answers with the parts that `send` is called with, and ends when it is called without one.
function slowServer() {
  const server = {};
  globalThis.fetch = (_, { signal } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      let out;
      const body = new ReadableStream({ start: (controller) => (out = controller) });
      signal?.addEventListener('abort', () => {
        reject(signal.reason);
        out.error(signal.reason);
      });
      server.answer = () => resolve(new Response(body));
      server.send = (part) => (part ? out.enqueue(new TextEncoder().encode(part)) : out.close());
    });
  return server;
}
const heard = () => new Promise((resolve) => setImmediate(resolve));

test('a question without an answer is given up, one that is answered slowly is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const server = slowServer();
  const unanswered = assert.rejects(apiGet('/auth/me'), { name: 'ApiError', status: 0, isTemporary: true });
  await heard();
  t.mock.timers.tick(20_000);
  await unanswered;
  const slow = apiGet('/auth/me');
  await heard();
  t.mock.timers.tick(19_999);
  server.answer();
  for (const part of ['{"user":', '{"id":', '"usr_1"', '}}', undefined]) {
    await heard();
    t.mock.timers.tick(19_999);
    server.send(part);
  }
  assert.deepEqual(await slow, { user: { id: 'usr_1' } });
  const stuck = assert.rejects(apiGet('/auth/me'), { name: 'ApiError', code: 'incomplete_body' });
  await heard();
  server.answer();
  server.send('{"user":');
  await heard();
  t.mock.timers.tick(20_000);
  await stuck;
});

test('what changes something is waited for, and whoever asks may give up before', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const server = slowServer();
  const post = apiPost('/auth/logout');
  await heard();
  t.mock.timers.tick(3_600_000);
  server.answer();
  server.send('{"done":true}');
  server.send();
  assert.deepEqual(await post, { done: true });
  const giveUp = new AbortController();
  const left = assert.rejects(apiGet('/auth/me', { signal: giveUp.signal }), { name: 'AbortError' });
  await heard();
  giveUp.abort();
  await left;
  await assert.rejects(apiGet('/auth/me', { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
