// SPDX-License-Identifier: Apache-2.0
// Which windows stream. The locks are a browser's: this double grants each name to whoever asks first.
import assert from 'node:assert/strict';
import test from 'node:test';
import { slotTake, watchTake } from '../../../static/slots.js';

const heard = () => new Promise((resolve) => setImmediate(resolve));

function locks() {
  const held = new Map();
  const request = async (name, { signal }, take) => {
    await held.get(name);
    signal.throwIfAborted();
    const until = Promise.resolve(take());
    held.set(name, until);
    return until.then(() => held.delete(name));
  };
  Object.defineProperty(globalThis, 'navigator', { value: { locks: { request } }, configurable: true });
  return held;
}

for (const [what, take] of [
  ['a slot', slotTake],
  ['the watch', watchTake],
])
  test(`${what} that is given back in the moment it is taken is free again`, async () => {
    const held = locks();
    let taken = 0;
    const give = take(() => {
      taken += 1;
      give();
    });
    await heard();
    assert.equal(taken, 1);
    assert.equal(held.size, 0);
    const keep = take(() => (taken += 1));
    await heard();
    assert.equal(taken, 2);
    assert.equal(held.size, 1);
    keep();
    await heard();
    assert.equal(held.size, 0);
  });
