// SPDX-License-Identifier: Apache-2.0
// A change of a setting that says by `was` what its maker has seen: it is made of that alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { personOf } from '../lib/rest.mjs';

let instance, ada;
before(async () => {
  instance = await start();
  ada = await personOf(instance);
});
after(() => instance?.stop());

const stale = (reply) => assert.equal(reply.expect(409).body.code, 'changed_meanwhile');

test('a redaction rule', async () => {
  const put = (pattern, was) => ada.put('redaction', { name: 'seen', pattern, ...(was !== undefined && { was }) });
  const remove = (was) => ada.request('DELETE', 'redaction', { name: 'seen', was });
  const now = async () =>
    (await ada.get('redaction')).expect(200).body.rules.find(({ name }) => name === 'seen')?.pattern;
  stale(await put('one', { pattern: 'none' }));
  assert.equal(await now(), undefined);
  (await put('one', null)).expect(201);
  stale(await put('two', null));
  stale(await put('two', { pattern: 'zero' }));
  stale(await remove(null));
  stale(await remove({ pattern: 'two' }));
  assert.equal(await now(), 'one');
  (await put('two', { pattern: 'one' })).expect(200);
  (await put('three')).expect(200);
  (await remove({ pattern: 'three' })).expect(204);
  stale(await remove({ pattern: 'three' }));
  (await remove(null)).expect(404);
  assert.equal((await put('one', 'three')).expect(400).body.field, 'was');
  // Of many that have seen the same, one changes it.
  const codes = await Promise.all(Array.from({ length: 8 }, async (_, i) => (await put(`n${i}`, null)).status));
  assert.deepEqual(codes.toSorted(), [201, 409, 409, 409, 409, 409, 409, 409]);
  (await ada.request('DELETE', 'redaction', { name: 'seen' })).expect(204);
});

test('a price', async () => {
  const price = { model: 'Seen', inputUsd: 1.5, outputUsd: 0, cacheReadUsd: 0.1 };
  const seen = { inputUsd: 1.5, outputUsd: 0, cacheReadUsd: 0.1 };
  const remove = (was) => ada.request('DELETE', 'prices', { model: 'seen', was });
  stale(await ada.put('prices', { ...price, was: seen }));
  (await ada.put('prices', { ...price, was: null })).expect(200);
  stale(await ada.put('prices', { ...price, was: null }));
  stale(await ada.put('prices', { ...price, inputUsd: 2, was: { inputUsd: 1.5, outputUsd: 0 } }));
  stale(await remove(null));
  stale(await remove({ ...seen, cacheWriteUsd: 1 }));
  (await ada.put('prices', { ...price, inputUsd: 2, was: { ...seen, inputUsd: 1.5, cacheWriteUsd: null } })).expect(
    200,
  );
  (await remove({ ...seen, inputUsd: 2 })).expect(204);
  (await remove(null)).expect(404);
});

test('a rule of how long steps are kept', async () => {
  const of = `streams/${instance.env.TRACE_STREAM}/retention`;
  stale(await ada.put('retention', { days: 5, was: { days: 4, held: false } }));
  (await ada.put('retention', { days: 5, was: { days: null, held: false } })).expect(200);
  stale(await ada.put('retention', { days: 6, was: { days: null, held: false } }));
  stale(await ada.put(of, { days: 7, was: { days: 6, held: false } }));
  (await ada.put(of, { days: 7, held: true, was: null })).expect(200);
  stale(await ada.put(of, { days: 8, was: null }));
  stale(await ada.request('DELETE', of, { was: { days: 7, held: false } }));
  const { body } = (await ada.request('DELETE', of, { was: { days: 7, held: true } })).expect(200);
  assert.deepEqual(body, { workspace: { days: 5, held: false }, streams: [] });
  (await ada.put(of, { days: 7 })).expect(200);
  (await ada.delete(of)).expect(200);
});
