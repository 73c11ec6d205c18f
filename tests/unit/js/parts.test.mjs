// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { gatherParts } from '../../../static/store/parts.js';

const type = 'workspace:snapshot';
const part = (number, parts, streams, room = 'r') => ({ room, part: number, parts, streams });

test('a snapshot in parts is whole with its last one, in each room by itself', () => {
  assert.equal(gatherParts(type, part(1, 3, [1, 2])), undefined);
  assert.equal(gatherParts(type, part(1, 2, [7], 'other')), undefined);
  assert.equal(gatherParts(type, part(2, 3, [3])), undefined);
  assert.deepEqual(gatherParts(type, part(3, 3, [4])).streams, [1, 2, 3, 4]);
  assert.deepEqual(gatherParts(type, part(2, 2, [8], 'other')).streams, [7, 8]);
  const activity = (number) => ({ room: 'r', part: number, parts: 2, activity: [number] });
  assert.equal(gatherParts('a', activity(1)), undefined);
  assert.deepEqual(gatherParts('a', activity(2)).activity, [1, 2]);
});

test('what is whole passes, and a part without its beginning does not', () => {
  const whole = { room: 'r', streams: [1] };
  assert.equal(gatherParts(type, whole), whole);
  assert.equal(gatherParts(type, part(2, 2, [1])), undefined);
  assert.equal(gatherParts(type, part(1, 3, [1])), undefined);
  assert.equal(gatherParts(type, part(3, 3, [3])), undefined);
  // A new connection begins anew.
  assert.equal(gatherParts(type, part(1, 2, [5])), undefined);
  assert.equal(gatherParts(type, part(1, 2, [6])), undefined);
  assert.deepEqual(gatherParts(type, part(2, 2, [7])).streams, [6, 7]);
});
