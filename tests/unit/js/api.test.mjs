// SPDX-License-Identifier: Apache-2.0
// What a call makes of an answer that is none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { apiGet, ApiError } from '../../../static/api.js';

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
