// SPDX-License-Identifier: Apache-2.0
// How often a long trace is shown anew while its steps arrive.
import assert from 'node:assert/strict';
import test from 'node:test';
import { calmFor, calmHolds } from '../../../static/use-calm.js';

const traceOf = (length) => ({ metas: Array.from({ length }), byId: new Map(), complete: true });

test('a long trace waits for the next time it is shown, a short one and one that was emptied do not', () => {
  assert.equal(calmHolds(traceOf(2001), traceOf(2002)), true);
  assert.equal(calmHolds(traceOf(2000), traceOf(2001)), false);
  assert.equal(calmHolds(traceOf(100), traceOf(50_000)), false, 'the outline has arrived');
  assert.equal(calmHolds(traceOf(50_000), traceOf(0)), false);
  assert.equal(calmHolds(traceOf(50_000), undefined), false);
  assert.equal(calmHolds(undefined, traceOf(50_000)), false);
});

test('the pause is a multiple of what showing it took, between a quarter of a second and two seconds', () => {
  assert.deepEqual([0, 10, 100, 200, 5000].map(calmFor), [250, 250, 800, 1600, 2000]);
});
